import { z } from "zod";
import type { JsonRecord } from "../../lib/json.ts";
import { EXPORT_FORMAT } from "../replay/read-lines.ts";
import type { LiveAddress } from "./arguments.ts";
import type { Period } from "./replay-arguments.ts";
import { pickDecision, pickEvent, pickLead } from "./replay-pick.ts";
import { streamList } from "./replay-stream.ts";
import { createRouterClient, type ClientIo, type RouterClient } from "./router-client.ts";

/** Read before the period, so that ledgers, caps of the day and turns are warm when it begins: a rep's day and a night. */
const WARM_UP_MS = 2 * 24 * 60 * 60 * 1000;
/** A stretch asked for at once: what is read in one go stays well within what a request of the router's may read. */
const STRETCH_MS = 24 * 60 * 60 * 1000;
/** Clocks of those who commit differ: what was committed this long after an instant may tell of before it. */
const SLACK_MS = 10 * 60 * 1000;

/** Items a page asks for: the most that the API gives. */
const PAGE = 200;

/** What happens to a lead and moves a pod; the API tells these apart from what people are told. */
const LEAD_KINDS = "closed,erased,reroute_requested,waiting,ledger_debited";
const CONFIGURATION = "rep,member,absence,account";

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
 * The lines of an export, read from a running router. The configuration is read first: what changes while the rest is read stands
 * in the timeline, which tells of each change how it was before.
 * @throws {LiveError}
 */
export async function* readRouter(
  address: LiveAddress,
  { from, until }: Period,
  columns: LeadColumns,
  io: ClientIo & { readonly now: () => number },
): AsyncGenerator<JsonRecord> {
  const iso = (at: number) => new Date(at).toISOString();
  const { fields } = columns;
  const source = new URL(address.url).host;
  yield { type: "meta", format: EXPORT_FORMAT, from: iso(from), until: iso(until), fields, source };
  yield* readConfiguration(createRouterClient(address, io));

  const begins = from - WARM_UP_MS;
  const stream = (
    path: string,
    start: number,
    end: number,
    query: Readonly<Record<string, string>>,
  ) => streamList(address, path, { ...query, from: iso(start), to: iso(end) }, io);
  for (const [start, end] of stretches(begins, until))
    for await (const line of stream("/api/leads", start, end, {})) yield pickLead(line, columns);
  // Up to now, not to the period's end: the configuration is that of now.
  for (const [start, end] of stretches(begins, io.now() + SLACK_MS))
    for await (const line of stream("/api/audit", start, end, {
      order: "asc",
      subject: CONFIGURATION,
    }))
      yield pickEvent(line);
  for (const [start, end] of stretches(begins, until + SLACK_MS)) {
    for await (const line of stream("/api/audit", start, end, { order: "asc", kind: LEAD_KINDS }))
      if (isBefore(line["occurredAt"], until)) yield pickEvent(line);
    for await (const line of stream("/api/audit", start, end, { order: "asc", type: "decision" }))
      if (isBefore(line["decidedAt"], until)) yield pickDecision(line);
  }
}

async function* readConfiguration(client: RouterClient): AsyncGenerator<JsonRecord> {
  const { items } = await client.get("/api/pods", pods);
  for (const { id: podId, members } of items)
    for (const one of members) yield { type: "member", podId, ...one };
  for await (const one of readPages(client, "/api/reps", rep)) {
    yield { type: "rep", ...one };
    for await (const away of readPages(client, `/api/reps/${one.id}/absences`, absence))
      yield { type: "absence", ...away };
  }
  for await (const one of readPages(client, "/api/accounts", account))
    yield { type: "account", ...one };
}

async function* readPages<Item>(
  client: RouterClient,
  path: string,
  item: z.ZodType<Item>,
): AsyncGenerator<Item> {
  const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const { items, nextCursor }: z.infer<typeof page> = await client.get(
      `${path}?${query.toString()}`,
      page,
    );
    yield* items;
    cursor = nextCursor;
  } while (cursor !== null);
}

function* stretches(
  from: number,
  until: number,
): Generator<readonly [from: number, until: number]> {
  for (let start = from; start < until; start += STRETCH_MS)
    yield [start, Math.min(start + STRETCH_MS, until)];
}

function isBefore(instant: unknown, until: number): boolean {
  return typeof instant === "string" && Date.parse(instant) < until;
}
