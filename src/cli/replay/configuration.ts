import type { Span } from "../../ports/roster.ts";
import type { WorkingHours } from "../../ports/roster.ts";
import { isRecord } from "../../lib/json.ts";
import { readMember, readRep, readSpan, readText } from "./read-facts.ts";
import type { RecordedEvent } from "./record.ts";

/** What routing knows of a rep. */
export interface RepFacts {
  /** IANA. */
  readonly timeZone: string;
  readonly workingHours: WorkingHours | null;
  /** Leads per local day over everything; null = no cap. */
  readonly dailyCap: number | null;
  readonly active: boolean;
}

export interface MemberFacts {
  readonly weight: number;
  readonly dailyCap: number | null;
  readonly openCap: number | null;
  /** Milliseconds since the epoch. */
  readonly joinedAt: number;
}

/** Everything that is data and not code, at one instant. Keys are those of audit events: "bo", "dach/bo", "bo/summer", "acme.com". */
export interface Configuration {
  readonly reps: Map<string, RepFacts>;
  readonly members: Map<string, MemberFacts>;
  readonly absences: Map<string, Span>;
  /** Ids of the accounts' owners. */
  readonly accounts: Map<string, string>;
}

export function emptyConfiguration(): Configuration {
  return { reps: new Map(), members: new Map(), absences: new Map(), accounts: new Map() };
}

/**
 * The configuration before the first of these events, from how it stands after the last. Each event says how its subject
 * stood before it, so the first one of a subject tells where it began; what no event names has not changed.
 */
export function undoEvents(end: Configuration, events: Iterable<RecordedEvent>): Configuration {
  const start: Configuration = {
    reps: new Map(end.reps),
    members: new Map(end.members),
    absences: new Map(end.absences),
    accounts: new Map(end.accounts),
  };
  const seen = new Set<string>();
  for (const event of events) {
    const key = `${event.subjectType} ${event.subjectId}`;
    if (seen.has(key)) continue;
    seen.add(key);
    enter(start, event, event.detail["before"]);
  }
  return start;
}

/** Applies what the event says came after it; one that is about something else changes nothing. Changes `configuration`. */
export function applyEvent(configuration: Configuration, event: RecordedEvent): void {
  enter(configuration, event, event.detail["after"]);
}

function enter(
  { reps, members, absences, accounts }: Configuration,
  { subjectType, subjectId }: RecordedEvent,
  facts: unknown,
): void {
  const after = isRecord(facts) ? facts : null;
  switch (subjectType) {
    case "rep":
      return put(reps, subjectId, after && readRep(after));
    case "member":
      return put(members, subjectId, after && readMember(after));
    case "absence":
      return put(absences, subjectId, after && readSpan(after));
    case "account":
      return put(accounts, subjectId, after && readText(after, "ownerId"));
  }
}

function put<Facts>(map: Map<string, Facts>, key: string, facts: Facts | null): void {
  if (facts === null) map.delete(key);
  else map.set(key, facts);
}
