import type { PodSettings } from "../chain/pod.ts";
import type { Candidate, Eligibility } from "../chain/trail.ts";
import { findAbsence } from "../roster/availability.ts";
import { localDay } from "../roster/calendar.ts";
import type { RosterMember } from "../roster/roster.ts";
import type { PodState } from "./state.ts";

/** Says of one member whether they may take a lead now, and if not, why not. Pure. */
export function judge(
  member: RosterMember,
  state: PodState,
  settings: PodSettings,
  excluded: Readonly<Record<string, string>>,
  now: number,
): Candidate {
  const day = localDay(member.timeZone, now);
  const count = state.days[member.repId]?.[day] ?? 0;
  const cap = member.dailyCap ?? settings.dailyCap ?? null;
  const [eligibility, reason] = findObstacle(member, state, settings, excluded, {
    now,
    day,
    count,
    cap,
  });
  return {
    repId: member.repId,
    eligibility,
    reason,
    count,
    cap,
    weight: member.weight,
    balance: state.ledger[member.repId]?.balance ?? 0,
  };
}

function findObstacle(
  member: RosterMember,
  state: PodState,
  settings: PodSettings,
  excluded: Readonly<Record<string, string>>,
  { now, day, count, cap }: { now: number; day: string; count: number; cap: number | null },
): [Eligibility, string] {
  const exclusion = excluded[member.repId];
  if (exclusion !== undefined) return ["excluded", exclusion];
  const absent = findAbsence(member, now);
  if (absent) return [absent.kind, absent.reason];
  if (cap !== null && count >= cap) return ["at_daily_cap", `has ${count} of ${cap} leads today`];
  const own = member.ownDailyCap;
  if (own !== null && (count >= own || state.full[member.repId] === day)) {
    return ["at_own_daily_cap", `has reached their own cap of ${own} leads a day`];
  }
  const openCap = member.openCap ?? settings.openCap ?? null;
  const open = state.open[member.repId] ?? 0;
  if (openCap !== null && open >= openCap)
    return ["at_open_cap", `has ${open} of ${openCap} open leads`];
  return [
    "eligible",
    cap === null ? `has ${count} leads today` : `has ${count} of ${cap} leads today`,
  ];
}
