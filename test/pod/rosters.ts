import type { Roster, RosterMember } from "../../src/ports/roster.ts";

/** A member with nothing in the way. */
export function member(repId: string, settings: Partial<RosterMember> = {}): RosterMember {
  return {
    repId,
    weight: 1,
    dailyCap: null,
    openCap: null,
    ownDailyCap: null,
    active: true,
    timeZone: "UTC",
    workingHours: null,
    absences: [],
    ...settings,
  };
}

export function roster(version: number, ...members: readonly RosterMember[]): Roster {
  return { podId: "dach", version, members };
}
