import { z } from "zod";
import { isRecord, type JsonRecord } from "../../lib/json.ts";
import { EXPORT_FORMAT, LEAD_KINDS } from "../replay/read-export.ts";
import type { LiveAddress, Period } from "./arguments.ts";
import { type ClientIo, createRouterClient, type RouterClient } from "./router-client.ts";

/** Read before the period, so that ledgers, caps of the day and turns are warm when it begins: a rep's day and a night. */
const WARM_UP_MS = 2 * 24 * 60 * 60 * 1000;
/** A stretch asked for at once: one request stays well within what the router may read for it. */
const STRETCH_MS = 24 * 60 * 60 * 1000;
/** Clocks of those who commit differ: what was committed this long after an instant may be from before it. */
const SLACK_MS = 10 * 60 * 1000;

/** Which form fields a line on a lead keeps, and whether the company's name. */
export interface LeadColumns {
  /** Null = all. */
  readonly fields: readonly string[] | null;
  readonly company: boolean;
}

const rep = z.object({
  id: z.string(),
  timeZone: z.string(),
  workingHours: z.unknown(),
  dailyCap: z.number().nullable(),
  active: z.boolean(),
});
const member = z.object({
  repId: z.string(),
  weight: z.number(),
  dailyCap: z.number().nullable(),
  openCap: z.number().nullable(),
  joinedAt: z.string(),
});
const pods = z.object({ items: z.array(z.object({ id: z.string(), members: z.array(member) })) });
const absence = z.object({
  id: z.string(),
  repId: z.string(),
  from: z.string(),
  until: z.string(),
});
const account = z.object({ domain: z.string(), name: z.string(), ownerId: z.string() });

/**
 * The lines of an export, read from a running router. The configuration is read first: what changes while the rest is read is
 * in the timeline, which shows for each change how it was before.
 * @throws {LiveError}
 */
export async function* readRouter(
  address: LiveAddress,
  { from, until }: Period,
  columns: LeadColumns,
  io: ClientIo & { readonly now: () => number },
): AsyncGenerator<JsonRecord> {
  const client = createRouterClient(address, io);
  const iso = (at: number) => new Date(at).toISOString();
  const { fields } = columns;
  const source = new URL(address.url).host;
  yield { type: "meta", format: EXPORT_FORMAT, from: iso(from), until: iso(until), fields, source };
  yield* readConfiguration(client);

  const begins = from - WARM_UP_MS;
  async function* list(path: string, end: number, query: Readonly<Record<string, string>> = {}) {
    for (let start = begins; start < end; start += STRETCH_MS) {
      const stretch = { from: iso(start), to: iso(Math.min(start + STRETCH_MS, end)) };
      yield* client.stream(path, { ...query, ...stretch });
    }
  }
  const audit = (end: number, query: Readonly<Record<string, string>>) =>
    list("/api/audit", end, { order: "asc", ...query });
  for await (const line of list("/api/leads", until)) yield pickLead(line, columns);
  // Up to now, not to the period's end: the configuration is that of now.
  const subject = "rep,member,absence,account";
  for await (const line of audit(io.now() + SLACK_MS, { subject })) yield pickEvent(line);
  for await (const line of audit(until + SLACK_MS, { kind: [...LEAD_KINDS].join(",") }))
    if (isBefore(line["occurredAt"], until)) yield pickEvent(line);
  for await (const line of audit(until + SLACK_MS, { type: "decision" }))
    if (isBefore(line["decidedAt"], until)) yield pickDecision(line);
}

async function* readConfiguration(client: RouterClient): AsyncGenerator<JsonRecord> {
  const { items } = await client.get("/api/pods", pods);
  for (const { id: podId, members } of items)
    for (const one of members) yield { type: "member", podId, ...one };
  for await (const { items: reps } of client.pages("/api/reps", rep))
    for (const one of reps) {
      yield { type: "rep", ...one };
      for await (const { items: absences } of client.pages(`/api/reps/${one.id}/absences`, absence))
        for (const away of absences) yield { type: "absence", ...away };
    }
  for await (const { items: accounts } of client.pages("/api/accounts", account))
    for (const one of accounts) yield { type: "account", ...one };
}

function isBefore(instant: unknown, until: number): boolean {
  return typeof instant === "string" && Date.parse(instant) < until;
}

// What of the router's answers goes into an export: what routing looks at, and nothing personal.

/** A lead without the person; of its form fields those that are wanted. */
export function pickLead(line: JsonRecord, { fields, company }: LeadColumns): JsonRecord {
  const lead = isRecord(line["lead"]) ? line["lead"] : line;
  const sent = isRecord(lead["fields"]) ? lead["fields"] : {};
  return {
    type: "lead",
    ...pick(lead, [...LEAD_KEYS, ...(company ? ["company"] : [])]),
    fields: fields === null ? sent : pick(sent, fields),
  };
}

function pickDecision(line: JsonRecord): JsonRecord {
  const steps: unknown[] = Array.isArray(line["trail"]) ? line["trail"] : [];
  return {
    type: "decision",
    ...pick(line, DECISION_KEYS),
    // The reason of a manual decision is free text of the person who made it.
    trail: steps.map((step) =>
      isRecord(step) && step["kind"] === "manual" ? { ...step, reason: "by hand" } : step,
    ),
  };
}

/** An event without who did it and in which words. */
function pickEvent(line: JsonRecord): JsonRecord {
  const detail = isRecord(line["detail"]) ? line["detail"] : {};
  return { type: "event", ...pick(line, EVENT_KEYS), detail: pick(detail, DETAIL_KEYS) };
}

function pick(record: JsonRecord, keys: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}

const LEAD_KEYS = [
  "id",
  "receivedAt",
  "companyDomain",
  "countryCode",
  "region",
  "source",
  "score",
  "erasedAt",
];
const DECISION_KEYS = [
  "leadId",
  "generation",
  "outcome",
  "rule",
  "podId",
  "ownerId",
  "claimSeq",
  "chainVersion",
  "decidedAt",
  "committedAt",
];
const EVENT_KEYS = ["subjectType", "subjectId", "generation", "kind", "occurredAt"];
/** What of an event's detail moves pods or leads. */
const DETAIL_KEYS = ["before", "after", "excludeOwner", "podId", "repId"];
