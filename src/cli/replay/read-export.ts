import { isRecord, type JsonRecord } from "../../lib/json.ts";
import { type Span, WEEKDAYS, type WorkingHours } from "../../ports/roster.ts";
import type { Lead } from "../../rules/lead.ts";
import {
  compareMoments,
  type Configuration,
  type DecisionPlace,
  type MemberFacts,
  type Moment,
  type RecordedDecision,
  type RecordedEvent,
  type RecordedLead,
  type RecordedStep,
  type RepFacts,
  type ReplayRecord,
} from "./record.ts";

// The lines of an export, one JSON object each, told apart by `type`. All are as the API shows them, less what routing does
// not look at; instants are ISO 8601. Every reader throws an Error that names the value that is not what the API says it is.

/** Raised when the format changes so that an older reader would go wrong. */
export const EXPORT_FORMAT = 1;

/** What happens to a lead and moves a pod or the lead itself; other events only notify people. */
export const LEAD_KINDS: ReadonlySet<string> = new Set([
  "closed",
  "erased",
  "reroute_requested",
  "waiting",
  "ledger_debited",
]);

/** The first line: what the file is, and of when. */
export interface ExportMeta {
  /** Decisions from here on are replayed; milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** Form fields that leads carry; null = all of them. */
  readonly fields: readonly string[] | null;
  /** Where it was read from. */
  readonly source: string;
}

export interface IndexedRecord {
  readonly meta: ExportMeta;
  readonly record: ReplayRecord;
  /** Of the chains that decided. */
  readonly versions: ReadonlySet<string>;
}

/**
 * Puts a record together from the lines of an export, in any order except for the first. Keeps of each lead and
 * each decision only where its line is: a trail is a few kilobytes, and there may be a million.
 */
export class RecordIndex {
  readonly #readAgain: (place: number) => JsonRecord;
  readonly #configuration: Configuration = {
    reps: new Map(),
    members: new Map(),
    absences: new Map(),
    accounts: new Map(),
  };
  readonly #accountNames = new Map<string, string>();
  readonly #moments: Moment[] = [];
  readonly #leads = new Map<string, number>();
  readonly #firstDraws = new Map<string, DecisionPlace>();
  readonly #versions = new Set<string>();
  #meta: ExportMeta | null = null;
  #changedAt = 0;

  /** @param readAgain reads a line again, by the place it was first read from */
  constructor(readAgain: (place: number) => JsonRecord) {
    this.#readAgain = readAgain;
  }

  add(line: JsonRecord, place: number): void {
    const { type } = line;
    if (this.#meta === null) this.#meta = readMeta(line);
    else if (type === "lead") this.#leads.set(readLead(line).lead.id, place);
    else if (type === "decision") this.#addDecision(line, place);
    else if (type === "event") this.#addEvent(line);
    else if (typeof type === "string") this.#addConfiguration(type, line);
  }

  finish(): IndexedRecord {
    const meta = this.#meta;
    if (meta === null) throw new Error("it is empty");
    const leads = this.#leads;
    return {
      meta,
      versions: this.#versions,
      record: {
        from: meta.from,
        until: meta.until,
        configuration: this.#configuration,
        accountNames: this.#accountNames,
        moments: this.#moments.toSorted(compareMoments),
        firstDraws: this.#firstDraws,
        decision: ({ place }) => readDecision(this.#readAgain(place)),
        lead: (id) => {
          const place = leads.get(id);
          return place === undefined ? null : readLead(this.#readAgain(place));
        },
      },
    };
  }

  #addConfiguration(type: string, line: JsonRecord): void {
    const keys = SUBJECT_KEYS[type];
    if (keys === undefined) return;
    const subjectId = keys.map((key) => readText(line, key)).join("/");
    enterFacts(this.#configuration, { subjectType: type, subjectId }, line);
    if (type === "account")
      this.#accountNames.set(subjectId, readTextOrNull(line, "name") ?? subjectId);
  }

  #addDecision(line: JsonRecord, place: number): void {
    const { leadId, generation, decidedAt: at, claimSeq, trail, chainVersion } = readDecision(line);
    this.#versions.add(chainVersion);
    const moment: DecisionPlace = { type: "decision", leadId, generation, at, claimSeq, place };
    this.#moments.push(moment);
    for (const { podId, candidates } of trail) {
      if (podId === undefined || candidates === undefined) continue;
      const first = this.#firstDraws.get(podId);
      if (!first || compareMoments(moment, first) < 0) this.#firstDraws.set(podId, moment);
    }
  }

  #addEvent(line: JsonRecord): void {
    const event = readEvent(line);
    if (event.subjectType === "lead") {
      if (LEAD_KINDS.has(event.kind))
        this.#moments.push({ type: "event", at: event.occurredAt, event });
      return;
    }
    // Changes took effect in the order of their commits, whatever the clocks of those who made them.
    this.#changedAt = Math.max(this.#changedAt, event.occurredAt);
    this.#moments.push({ type: "event", at: this.#changedAt, event });
  }
}

/** What names the subject of a line, as the subject's id in an event does: "bo", "dach/bo", "bo/summer", "acme.com". */
const SUBJECT_KEYS: Readonly<Record<string, readonly string[]>> = {
  rep: ["id"],
  member: ["podId", "repId"],
  absence: ["repId", "id"],
  account: ["domain"],
};

/** Enters how a rep, member, absence or account is from now on; null or no object = not there. Changes `configuration`. */
export function enterFacts(
  { reps, members, absences, accounts }: Configuration,
  { subjectType, subjectId }: Pick<RecordedEvent, "subjectType" | "subjectId">,
  value: unknown,
): void {
  const facts = isRecord(value) ? value : null;
  // Neither part of an id holds a slash.
  const [first = "", second = ""] = subjectId.split("/");
  switch (subjectType) {
    case "rep":
      return put(reps, subjectId, facts && readRep(facts));
    case "member":
      return put(within(members, first), second, facts && readMember(facts));
    case "absence":
      return put(within(absences, first), second, facts && readSpan(facts));
    case "account":
      return put(accounts, subjectId, facts && readText(facts, "ownerId"));
  }
}

function put<Facts>(map: Map<string, Facts>, key: string, facts: Facts | null): void {
  if (facts === null) map.delete(key);
  else map.set(key, facts);
}

function within<Facts>(maps: Map<string, Map<string, Facts>>, key: string): Map<string, Facts> {
  const map = maps.get(key) ?? new Map<string, Facts>();
  maps.set(key, map);
  return map;
}

function readMeta(line: JsonRecord): ExportMeta {
  if (line["type"] !== "meta") throw new Error("an export begins with another line");
  if (line["format"] !== EXPORT_FORMAT)
    throw new Error(`it has format ${String(line["format"])}, not ${EXPORT_FORMAT}`);
  const fields = line["fields"] ?? null;
  return {
    from: readInstant(line, "from"),
    until: readInstant(line, "until"),
    fields: Array.isArray(fields) ? fields.map(String) : null,
    source: readText(line, "source"),
  };
}

function readLead(line: JsonRecord): RecordedLead {
  const fields = line["fields"] ?? {};
  if (!isRecord(fields)) throw new Error(`"fields" is not an object`);
  const lead: Lead = {
    id: readText(line, "id"),
    receivedAt: readInstant(line, "receivedAt"),
    email: readTextOrNull(line, "email"),
    phone: readTextOrNull(line, "phone"),
    name: readTextOrNull(line, "name"),
    company: readTextOrNull(line, "company"),
    companyDomain: readTextOrNull(line, "companyDomain"),
    countryCode: readTextOrNull(line, "countryCode"),
    region: readTextOrNull(line, "region"),
    source: readTextOrNull(line, "source"),
    score: readNumber(line, "score"),
    fields,
  };
  return { lead, erased: (line["erasedAt"] ?? null) !== null };
}

function readDecision(line: JsonRecord): RecordedDecision {
  const { trail, outcome } = line;
  if (!Array.isArray(trail) || !trail.every(isStep)) throw new Error(`"trail" is not a trail`);
  return {
    leadId: readText(line, "leadId"),
    generation: readNumber(line, "generation") ?? 1,
    outcome: outcome === "assigned" ? outcome : "unassigned",
    rule: readTextOrNull(line, "rule"),
    podId: readTextOrNull(line, "podId"),
    ownerId: readTextOrNull(line, "ownerId"),
    claimSeq: readNumber(line, "claimSeq"),
    trail,
    chainVersion: readText(line, "chainVersion"),
    decidedAt: readInstant(line, "decidedAt"),
    committedAt: readInstant(line, "committedAt"),
  };
}

/** Looks at what the replay calculates with; the rest of a trail is only shown. */
function isStep(step: unknown): step is RecordedStep {
  if (!isRecord(step) || typeof step["rule"] !== "string") return false;
  const candidates = step["candidates"] ?? [];
  return (
    Array.isArray(candidates) &&
    candidates.every(
      (seat) =>
        isRecord(seat) && typeof seat["repId"] === "string" && typeof seat["balance"] === "number",
    )
  );
}

function readEvent(line: JsonRecord): RecordedEvent {
  const detail = line["detail"] ?? {};
  return {
    subjectType: readText(line, "subjectType"),
    subjectId: readText(line, "subjectId"),
    generation: readNumber(line, "generation"),
    kind: readText(line, "kind"),
    occurredAt: readInstant(line, "occurredAt"),
    detail: isRecord(detail) ? detail : {},
  };
}

function readRep(facts: JsonRecord): RepFacts {
  const workingHours = facts["workingHours"] ?? null;
  if (workingHours !== null && !isWorkingHours(workingHours))
    throw new Error(`"workingHours" are not working hours`);
  return {
    timeZone: readText(facts, "timeZone"),
    workingHours,
    dailyCap: readNumber(facts, "dailyCap"),
    active: facts["active"] !== false,
  };
}

function isWorkingHours(value: unknown): value is WorkingHours {
  return isRecord(value) && WEEKDAYS.every((day) => Array.isArray(value[day] ?? []));
}

function readMember(facts: JsonRecord): MemberFacts {
  return {
    weight: readNumber(facts, "weight") ?? 1,
    dailyCap: readNumber(facts, "dailyCap"),
    openCap: readNumber(facts, "openCap"),
    joinedAt: readInstant(facts, "joinedAt"),
  };
}

function readSpan(facts: JsonRecord): Span {
  return { from: readInstant(facts, "from"), until: readInstant(facts, "until") };
}

function readText(record: JsonRecord, key: string): string {
  const value = record[key];
  if (typeof value !== "string") throw new Error(`"${key}" is not a text`);
  return value;
}

function readTextOrNull(record: JsonRecord, key: string): string | null {
  return (record[key] ?? null) === null ? null : readText(record, key);
}

function readNumber(record: JsonRecord, key: string): number | null {
  const value = record[key] ?? null;
  if (value !== null && typeof value !== "number") throw new Error(`"${key}" is not a number`);
  return value;
}

/** An ISO 8601 instant as milliseconds since the epoch. */
function readInstant(record: JsonRecord, key: string): number {
  const at = Date.parse(readText(record, key));
  if (Number.isNaN(at)) throw new Error(`"${key}" is not an instant`);
  return at;
}
