import type { MatchedAccount } from "../../rules/rule.ts";
import type { Span } from "../../ports/roster.ts";
import { accountFromRow, localDay } from "../../roster/index.ts";
import type { Roster, RosterMember } from "../../ports/roster.ts";
import { applyEvent, undoEvents, type Configuration, type RepFacts } from "./configuration.ts";
import type { RecordedEvent, ReplayRecord } from "./record.ts";

/**
 * Reps, members, absences and accounts as they were at each instant of a record. It moves forward only, one event at a
 * time; every run of the replay looks at the same one.
 */
export class History {
  readonly #configuration: Configuration;
  readonly #accountNames: ReadonlyMap<string, string>;
  readonly #absencesOf = new Map<string, Map<string, Span>>();
  readonly #podsOf = new Map<string, Set<string>>();
  readonly #membersOf = new Map<string, Set<string>>();
  readonly #rosters = new Map<string, Roster>();
  #version = 0;

  constructor({ configuration, accountNames, moments }: ReplayRecord) {
    const events = moments.flatMap((moment) => (moment.type === "event" ? [moment.event] : []));
    this.#configuration = undoEvents(configuration, events);
    this.#accountNames = accountNames;
    for (const [key, span] of this.#configuration.absences) this.#noteAbsence(key, span);
    for (const key of this.#configuration.members.keys()) this.#noteMember(key, true);
  }

  /** Takes an event in. Yields the pods whose roster it changed. */
  advance(event: RecordedEvent): readonly string[] {
    applyEvent(this.#configuration, event);
    const { subjectType, subjectId } = event;
    const [first = ""] = splitKey(subjectId);
    switch (subjectType) {
      case "member":
        this.#noteMember(subjectId, this.#configuration.members.has(subjectId));
        return this.#forget([first]);
      case "absence":
        this.#noteAbsence(subjectId, this.#configuration.absences.get(subjectId));
        return this.#forget(this.#podsOf.get(first) ?? []);
      case "rep":
        return this.#forget(this.#podsOf.get(subjectId) ?? []);
      default:
        return [];
    }
  }

  /** Who is in the pod now, in join order. The same object until something of it changes. */
  roster(podId: string): Roster {
    const known = this.#rosters.get(podId);
    if (known) return known;
    const members = [...(this.#membersOf.get(podId) ?? [])]
      .flatMap((repId) => this.#member(podId, repId))
      .toSorted((a, b) => a.joinedAt - b.joinedAt || (a.member.repId < b.member.repId ? -1 : 1))
      .map(({ member }) => member);
    const roster = { podId, version: ++this.#version, members };
    this.#rosters.set(podId, roster);
    return roster;
  }

  rep(repId: string): RepFacts | null {
    return this.#configuration.reps.get(repId) ?? null;
  }

  /** Whether anybody was in the pod, so far. */
  hadMembers(podId: string): boolean {
    return this.#membersOf.has(podId);
  }

  isMember(podId: string, repId: string): boolean {
    return this.#configuration.members.has(`${podId}/${repId}`);
  }

  /** The rep's local date; that of UTC for a rep the record does not know. */
  dayOf(repId: string, now: number): string {
    return localDay(this.rep(repId)?.timeZone ?? "UTC", now);
  }

  /** What a pass would be told of the account of this domain now. */
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

  #member(podId: string, repId: string): { member: RosterMember; joinedAt: number }[] {
    const facts = this.#configuration.members.get(`${podId}/${repId}`);
    const rep = this.rep(repId);
    if (!facts || !rep) return [];
    const { joinedAt, ...settings } = facts;
    const { dailyCap: ownDailyCap, ...presence } = rep;
    const absences = this.#absences(repId);
    return [{ joinedAt, member: { repId, ...settings, ownDailyCap, ...presence, absences } }];
  }

  #absences(repId: string): readonly Span[] {
    return [...(this.#absencesOf.get(repId)?.values() ?? [])];
  }

  #noteAbsence(key: string, span: Span | undefined): void {
    const [repId = "", id = ""] = splitKey(key);
    const absences = this.#absencesOf.get(repId) ?? new Map<string, Span>();
    if (span) absences.set(id, span);
    else absences.delete(id);
    this.#absencesOf.set(repId, absences);
  }

  #noteMember(key: string, is: boolean): void {
    const [podId = "", repId = ""] = splitKey(key);
    note(this.#membersOf, podId, repId, is);
    note(this.#podsOf, repId, podId, is);
  }

  #forget(podIds: Iterable<string>): string[] {
    const changed = [...podIds];
    for (const podId of changed) this.#rosters.delete(podId);
    return changed;
  }
}

function note(sets: Map<string, Set<string>>, key: string, value: string, is: boolean): void {
  const set = sets.get(key) ?? new Set<string>();
  if (is) set.add(value);
  else set.delete(value);
  sets.set(key, set);
}

/** "dach/bo" is a member and "bo/summer" an absence; neither part holds a slash. */
function splitKey(key: string): string[] {
  return key.split("/");
}
