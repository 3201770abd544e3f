import type { Roster, RosterMember, Span } from "../../ports/roster.ts";
import { accountFromRow, localDay } from "../../roster/index.ts";
import type { MatchedAccount } from "../../rules/rule.ts";
import { enterFacts } from "./read-export.ts";
import type { Configuration, RecordedEvent, RepFacts, ReplayRecord } from "./record.ts";

/**
 * Reps, members, absences and accounts as they were at each instant of a record. It moves forward only, one event at a
 * time; every run of the replay looks at the same one.
 */
export class History {
  readonly #configuration: Configuration;
  readonly #accountNames: ReadonlyMap<string, string>;
  readonly #rosters = new Map<string, Roster>();
  #version = 0;

  /**
   * Begins before the first event, from how things are after the last. Each event says how its subject was before it, so the
   * first one of a subject tells where it began; what no event names has not changed.
   */
  constructor({ configuration, accountNames, moments }: ReplayRecord) {
    this.#configuration = structuredClone(configuration);
    this.#accountNames = accountNames;
    const seen = new Set<string>();
    for (const moment of moments) {
      if (moment.type !== "event") continue;
      const { event } = moment;
      const key = `${event.subjectType} ${event.subjectId}`;
      if (!seen.has(key)) enterFacts(this.#configuration, event, event.detail["before"]);
      seen.add(key);
    }
  }

  /** Applies an event. Yields the pods whose roster it changed. */
  advance(event: RecordedEvent): readonly string[] {
    enterFacts(this.#configuration, event, event.detail["after"]);
    const changed = this.#podsOf(event);
    for (const podId of changed) this.#rosters.delete(podId);
    return changed;
  }

  /** Who is in the pod now, in join order. The same object until something of it changes. */
  roster(podId: string): Roster {
    const known = this.#rosters.get(podId);
    if (known) return known;
    const members = [...(this.#configuration.members.get(podId) ?? [])]
      .toSorted(([one, a], [other, b]) => a.joinedAt - b.joinedAt || (one < other ? -1 : 1))
      .flatMap(([repId, { weight, dailyCap, openCap }]): RosterMember[] => {
        const rep = this.rep(repId);
        if (!rep) return [];
        const { dailyCap: ownDailyCap, ...presence } = rep;
        const absences = this.#absences(repId);
        return [{ repId, weight, dailyCap, openCap, ownDailyCap, ...presence, absences }];
      });
    const roster = { podId, version: ++this.#version, members };
    this.#rosters.set(podId, roster);
    return roster;
  }

  rep(repId: string): RepFacts | null {
    return this.#configuration.reps.get(repId) ?? null;
  }

  /** Whether anybody was in the pod, so far. */
  hadMembers(podId: string): boolean {
    return this.#configuration.members.has(podId);
  }

  isMember(podId: string, repId: string): boolean {
    return this.#configuration.members.get(podId)?.has(repId) ?? false;
  }

  /** The rep's local date; that of UTC for a rep the record does not know. */
  dayOf(repId: string, now: number): string {
    return localDay(this.rep(repId)?.timeZone ?? "UTC", now);
  }

  /** What a pass would read of the account of this domain now. */
  account(domain: string | null, now: number): MatchedAccount | null {
    const ownerId = domain === null ? undefined : this.#configuration.accounts.get(domain);
    if (domain === null || ownerId === undefined) return null;
    const owner = this.rep(ownerId);
    const row = {
      lead_id: "",
      domain,
      name: this.#accountNames.get(domain) ?? domain,
      owner_id: ownerId,
      rev: owner === null ? null : 1,
      active: owner?.active === false ? (0 as const) : (1 as const),
      time_zone: owner?.timeZone ?? "UTC",
      working_hours: owner?.workingHours ? JSON.stringify(owner.workingHours) : null,
      absences: JSON.stringify(this.#absences(ownerId)),
    };
    return accountFromRow(row, now);
  }

  #absences(repId: string): readonly Span[] {
    return [...(this.#configuration.absences.get(repId)?.values() ?? [])];
  }

  #podsOf({ subjectType, subjectId }: RecordedEvent): readonly string[] {
    const [first = ""] = subjectId.split("/");
    if (subjectType === "member") return [first];
    if (subjectType !== "rep" && subjectType !== "absence") return [];
    const { members } = this.#configuration;
    return [...members.keys()].filter((podId) => this.isMember(podId, first));
  }
}
