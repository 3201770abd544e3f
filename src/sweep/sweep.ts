import type { SQL } from "drizzle-orm";
import { chunk } from "../lib/chunks.ts";
import { failureMessage } from "../lib/failure.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { query, type Query, sql, transaction } from "../lib/query.ts";
import {
  addDeliveriesOfLeads,
  notifyOpsOnce,
  opsMessage,
  type SlackMessage,
} from "../notify/index.ts";
import { enterDebits, releaseClaims } from "../pod/index.ts";
import type { Deps } from "../ports/deps.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { appendCommit, insertEvents, leadEvent } from "../record/events.ts";
import { countInView, dropMarks, LOOK_LIMIT, lookAndMark, setMarks } from "../record/marks.ts";
import { duePending, type PendingRow, postpone } from "../record/pending.ts";

/**
 * How old a lead is before the sweep looks at it, in milliseconds: a healthy one is decided and announced by
 * then. The trigger `leads_behind_the_mark` uses the same number.
 */
export const GRACE_MS = 60_000;
/** Rows per sweep: far below what a sweep could do in the minute until the next one; what is left waits for that. */
const DUE_LIMIT = 500;
/** Decisions per message: as many as a batch of the queue `leads` decides, and so announces, together (wrangler.toml). */
const DECISIONS_PER_MESSAGE = 100;
/** Looks per sweep: at one sweep a minute they keep up with 80 leads a second. */
export const MAX_LOOKS = 10;
/** Tries after which ops are notified of a row, once: with the doubling pace that is after about an hour. */
const STUCK_AFTER_TRIES = 6;

/** Retries leads that are stored but not decided, decided but not announced, and slots and debits that are still open. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now();
  await lookAtNew(deps, now);

  const [due, marked] = await transaction(deps.db, [
    duePending(now, DUE_LIMIT),
    stuckMarks(DUE_LIMIT),
  ]);
  const stuck = due.filter(({ tries }) => tries + 1 === STUCK_AFTER_TRIES);
  if (due.length > 0) {
    deps.log("warn", "sweep_found", { rows: due.length });
    // Put off first, then sent: what is lost on the way comes back by itself.
    await transaction(deps.db, [postpone(due, now), ...recordStuck(deps, stuck, now)]);
  }
  await notifyOfStuck(deps, [...marked, ...stuck.map((row) => ({ ...row, waits: 1 as const }))]);
  if (due.length === 0) return;

  const keysOf = (kind: PendingRow["kind"]) =>
    due
      .filter((row) => row.kind === kind)
      .map(({ leadId, generation }): DecisionKey => ({ leadId, generation }));
  const [route, announce] = [keysOf("route"), keysOf("notify")];
  if (route.length > 0) await deps.leads.send(route);
  if (announce.length > 0)
    await deps.notifications.send(
      chunk(announce, DECISIONS_PER_MESSAGE).map((decisions) => ({ decisions })),
    );
  await releaseClaims(deps, keysOf("release"));
  await enterDebits(deps, keysOf("debit"));
}

/** Looks at the leads that came in since the last sweep, until none is left that is old enough. */
async function lookAtNew(
  { db, destinations }: Pick<Deps, "db" | "destinations">,
  now: number,
): Promise<void> {
  const listDeliveries = (leads: SQL) => addDeliveriesOfLeads(destinations, leads, now);
  const before = smallestLeadId(now - GRACE_MS);
  const also = destinations.length > 0 ? [listDeliveries] : [];
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [[seen]] = await transaction(db, [
      countInView(before),
      ...lookAndMark(before, now, also),
    ]);
    if ((seen?.count ?? 0) < LOOK_LIMIT) return;
  }
}

// What is stuck has a row of `marks` that begins with "stuck:" until ops are notified of it. There is none when all is well.

type StuckKey = Pick<PendingRow, "leadId" | "generation" | "kind">;

/** A marked row of the list. */
interface MarkedRow extends StuckKey {
  /** 1 while it is on the list; 0 = it was done before ops could be notified. */
  readonly waits: 0 | 1;
}

const PREFIX = "stuck:";
/** The character after ":". */
const AFTER_PREFIX = "stuck;";

/** What was marked and not cleared yet, the oldest lead first. */
function stuckMarks(limit: number): Query<MarkedRow> {
  return query(sql`
    WITH marked AS (
      SELECT name, value ->> 0 AS lead_id, value ->> 1 AS generation, value ->> 2 AS kind FROM marks
      WHERE name > ${PREFIX} AND name < ${AFTER_PREFIX} ORDER BY name LIMIT ${limit})
    SELECT m.lead_id AS leadId, m.generation, m.kind, EXISTS (
      SELECT 1 FROM pending p WHERE p.lead_id = m.lead_id AND p.generation = m.generation AND p.kind = m.kind) AS waits
    FROM marked m ORDER BY m.name`);
}

function markValue({ leadId, generation, kind }: StuckKey): string {
  return JSON.stringify([leadId, generation, kind]);
}

/** Statements that record work that keeps failing, and mark it until ops are notified. */
function recordStuck(
  { newId }: Pick<Deps, "newId">,
  stuck: readonly PendingRow[],
  now: number,
): readonly Query[] {
  if (stuck.length === 0) return [];
  const events = stuck.map(({ kind, tries, ...key }) =>
    leadEvent(newId(), key, {
      kind: "stuck",
      occurredAt: now,
      detail: { waitsFor: kind, tries: tries + 1 },
    }),
  );
  const marks = stuck.map((key) => [PREFIX + markValue(key), markValue(key)] as const);
  return [insertEvents(events), appendCommit(now, [], events), setMarks(marks)];
}

/**
 * Notifies ops of marked work that is still on the list, in one message, until they are; where nobody can be notified,
 * `GET /api/stuck` and the audit have it. Never rejects: nothing stops for it.
 */
async function notifyOfStuck(
  deps: Pick<Deps, "db" | "secret" | "fetch" | "now" | "log">,
  marked: readonly MarkedRow[],
): Promise<void> {
  if (marked.length === 0) return;
  const clear = async () => {
    await transaction(deps.db, [dropMarks(marked.map((key) => PREFIX + markValue(key)))]);
  };
  try {
    const stuck = marked.filter(({ waits }) => waits === 1);
    if (stuck.length === 0) return await clear();
    const failed = { event: "stuck_not_told", detail: { leads: stuck.length } };
    await notifyOpsOnce(deps, stuckMessage(stuck), failed, clear);
  } catch (error) {
    deps.log("warn", "stuck_not_told", { leads: marked.length, error: failureMessage(error) });
  }
}

/** A message to ops about work that keeps failing. */
export function stuckMessage(stuck: readonly Pick<StuckKey, "leadId" | "kind">[]): SlackMessage {
  const title = stuck.length === 1 ? "A lead is stuck" : `${stuck.length} leads are stuck`;
  return opsMessage(
    title,
    stuck.map(({ leadId, kind }) => `${leadId} waits for ${kind}`),
  );
}
