import type { Lead } from "../../rules/lead.ts";
import type { Configuration } from "./configuration.ts";
import { isRecord, type JsonRecord } from "../../lib/json.ts";
import {
  readInstant,
  readMember,
  readNumber,
  readRep,
  readSpan,
  readText,
  readTextOrNull,
} from "./read-facts.ts";
import type { RecordedDecision, RecordedEvent, RecordedLead, RecordedStep } from "./record.ts";

// The lines of an export, one JSON object each, told apart by `type`. All are as the API shows them, less what routing does
// not look at; instants are ISO 8601.

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

/** Raised when the format changes so that an older reader would go wrong. */
export const EXPORT_FORMAT = 1;

/** @throws {Error} when it is no export of this format */
export function readMeta(line: JsonRecord): ExportMeta {
  if (line["type"] !== "meta") throw new Error("its first line is no export's");
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

/** Enters a line on a rep, member, absence or account. Changes `configuration` and `accountNames`. */
export function readConfigurationLine(
  line: JsonRecord,
  configuration: Configuration,
  accountNames: Map<string, string>,
): void {
  const { reps, members, absences, accounts } = configuration;
  switch (line["type"]) {
    case "rep":
      reps.set(readText(line, "id"), readRep(line));
      return;
    case "member":
      members.set(`${readText(line, "podId")}/${readText(line, "repId")}`, readMember(line));
      return;
    case "absence":
      absences.set(`${readText(line, "repId")}/${readText(line, "id")}`, readSpan(line));
      return;
    case "account": {
      const domain = readText(line, "domain");
      accounts.set(domain, readText(line, "ownerId"));
      accountNames.set(domain, readTextOrNull(line, "name") ?? domain);
    }
  }
}

/** @throws {Error} naming the value that is not what the API says it is */
export function readLead(line: JsonRecord): RecordedLead {
  const fields = line["fields"] ?? {};
  if (!isRecord(fields)) throw new Error(`"fields" is no object`);
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

/** @throws {Error} as `readLead` */
export function readDecision(line: JsonRecord): RecordedDecision {
  const { trail, outcome } = line;
  if (!Array.isArray(trail) || !trail.every(isStep)) throw new Error(`"trail" is no trail`);
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

/** @throws {Error} as `readLead` */
export function readEvent(line: JsonRecord): RecordedEvent {
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

/** Looks at what the replay reckons with; the rest of a trail is only shown. */
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
