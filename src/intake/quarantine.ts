import { failureMessage, RouterError } from "../lib/failure.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { query, type Query, rows, sql, transaction, writeThenRead } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import {
  appendCommit,
  appendCommitOf,
  type AuditEvent,
  insertEventsFrom,
} from "../record/events.ts";
import { cutPage, type Page, type Scan, SCAN_LIMIT } from "../record/lead-lists.ts";
import { aliasOfReleased, insertReleased, leadBehind, leadIdBehind } from "../record/leads.ts";
import {
  draftFromRow,
  dropBefore,
  type Ending,
  endStay,
  KEPT_MS,
  suspectById,
  suspectColumns,
  type SuspectRow,
  whileWaiting,
} from "../record/quarantine.ts";
import type { Lead } from "../rules/lead.ts";
import { sendInTime } from "./durable.ts";

// What becomes of the submissions that accept.ts put in the quarantine: listed, released, discarded, expired.

/** Which of those that wait are wanted; null = any. */
export interface SuspectFilter {
  readonly door: string | null;
  readonly reason: string | null;
  /** When it was received, milliseconds since the epoch: `from` inclusive, `to` exclusive. */
  readonly from: number | null;
  readonly to: number | null;
}

/** An id is made in the moment its submission is received; the two never differ by more than this, in milliseconds. */
const ID_SLACK_MS = 1_000;
const ALL = sql`1`;

/**
 * What waits in quarantine, the newest first. No index serves it: a page looks at a bounded number of rows, and reads the people
 * of only those that it lists.
 * @param before the id after which the page starts; null = the newest
 */
export async function listWaiting(
  db: D1Database,
  { door, reason, from, to }: SuspectFilter,
  {
    before,
    limit,
    now,
  }: { readonly before: string | null; readonly limit: number; readonly now: number },
): Promise<Page<SuspectRow, string>> {
  const since = Math.max(from ?? 0, now - KEPT_MS + 1);
  const scanned = sql`
    SELECT id FROM quarantine
    WHERE id >= ${smallestLeadId(since - ID_SLACK_MS)}
      AND ${to === null ? ALL : sql`id < ${smallestLeadId(to + ID_SLACK_MS)}`}
      AND ${before === null ? ALL : sql`id < ${before}`}
    ORDER BY id DESC LIMIT ${SCAN_LIMIT}`;
  const [[scan], found] = await transaction(db, [
    query<Scan<string>>(sql`SELECT count(*) AS count, min(id) AS last FROM (${scanned})`),
    query<SuspectRow>(sql`
      SELECT ${suspectColumns} FROM (${scanned}) AS s
      CROSS JOIN quarantine AS q ON q.id = s.id
      WHERE q.outcome IS NULL AND q.received_at >= ${since}
        AND ${to === null ? ALL : sql`q.received_at < ${to}`}
        AND ${door === null ? ALL : sql`q.door = ${door}`}
        AND ${reason === null ? ALL : sql`q.reason = ${reason}`}
      ORDER BY q.id DESC LIMIT ${limit + 1}`),
  ]);
  return cutPage(found, limit, ({ id }) => id, scan ?? { count: 0, last: null }, SCAN_LIMIT);
}

export type Released =
  | {
      readonly outcome: "released";
      /** Its own id, or that of the lead that it turned out to be. */
      readonly leadId: string;
      /** Milliseconds since the epoch. */
      readonly releasedAt: number;
      readonly releasedBy: string;
    }
  /**
   * "not_found": there never was one of this id, or its time is over. "discarded": somebody threw it away. "erased": it was
   * released, and the person was erased from the lead since.
   */
  | { readonly outcome: "not_found" | "discarded" | "erased" };

/**
 * Makes a lead of what is quarantined, with its own id and the instant it came in, and sends it on its way: once, however often
 * and by however many it is asked for. Where it says the same as a lead of the same ten minutes, or has its idempotency key, it
 * becomes an alias of that one. Rejects when the outcome is unknown; safe to repeat.
 */
export async function release(
  deps: Pick<Deps, "db" | "leads" | "log" | "newId" | "now" | "sleep">,
  actor: string,
  id: string,
  { reason }: { readonly reason: string },
): Promise<Released> {
  const now = deps.now();
  const [seen] = await rows(deps.db, suspectById(id, now));
  if (seen === undefined) return { outcome: "not_found" };

  const ending: Ending = { outcome: "released", actor, eventId: deps.newId(), at: now };
  const writes = seen.outcome === null ? releaseWrites(seen, ending, reason) : [];
  const [[left], [lead]] = await writeThenRead(deps.db, writes, [
    suspectById(id, now),
    leadBehind(id),
  ]);
  if (left === undefined) return { outcome: "not_found" };
  const { outcome, outcomeAt, outcomeBy } = left;
  if (outcome === "discarded") return { outcome };
  if (outcome === null || outcomeAt === null || outcomeBy === null || lead === undefined)
    throw new RouterError("a submission was released from the quarantine and has no lead");
  if (lead.erasedAt !== null) return { outcome: "erased" };
  // For speed, and only by the release that took effect: should this fail, the sweep finds the undecided lead.
  if (left.eventId === ending.eventId && lead.id === id)
    await sendInTime(deps, { leadId: id, generation: 1 });
  return { outcome, leadId: lead.id, releasedAt: outcomeAt, releasedBy: outcomeBy };
}

/** Every statement but the last looks whether it still waits; the last one ends that. */
function releaseWrites(row: SuspectRow, ending: Ending, reason: string): readonly Query[] {
  const { id, receivedAt, idempotencyKey } = row;
  const { actor, eventId, at } = ending;
  const lead: Lead = { ...draftFromRow(row), id, receivedAt };
  const waits = sql`EXISTS (${whileWaiting(id, sql`1`)})`;
  const key = sql`'lead' AS subject_type, ${leadIdBehind(id)} AS subject_id, ${eventId} AS id`;
  // Without personal data: why it was kept is in words of our own, and the reason of the release holds no contact.
  const detail = sql`json_object('reason', ${reason}, 'door', q.door, 'quarantinedFor', q.reason, 'submissionId', q.id)`;
  const event = sql`${key}, 'released' AS kind, ${detail} AS detail`;
  return [
    insertReleased(lead, idempotencyKey, waits),
    aliasOfReleased(lead, idempotencyKey, waits),
    insertEventsFrom(actor, at, whileWaiting(id, event)),
    appendCommitOf(at, sql`SELECT ${key}`),
    endStay(id, ending),
  ];
}

export interface Discarded {
  /** "discarded": also when somebody else had done it before. "released": it is a lead. */
  readonly outcome: "discarded" | "not_found" | "released";
}

/** Throws away what is quarantined: nothing of the person is left. Rejects when the outcome is unknown; safe to repeat. */
export async function discard(
  { db, newId, now }: Pick<Deps, "db" | "newId" | "now">,
  actor: string,
  id: string,
): Promise<Discarded> {
  const at = now();
  const ending: Ending = { outcome: "discarded", actor, eventId: newId(), at };
  const key: Pick<AuditEvent, "subjectType" | "subjectId" | "id"> = {
    subjectType: "quarantine",
    subjectId: id,
    id: ending.eventId,
  };
  const event = sql`${key.subjectType} AS subject_type, q.id AS subject_id, ${key.id} AS id, 'discarded' AS kind,
    json_object('door', q.door, 'quarantinedFor', q.reason) AS detail`;
  const [[left]] = await writeThenRead(
    db,
    [
      insertEventsFrom(actor, at, whileWaiting(id, event)),
      appendCommit(at, [], [key]),
      endStay(id, ending),
    ],
    [suspectById(id, at)],
  );
  return { outcome: left?.outcome ?? "not_found" };
}

/** Rows dropped per minute, some tens of milliseconds of D1: more than come in at 10 a second for days. */
const DROP_LIMIT = 1_000;

/** Drops what has been in quarantine for longer than it is kept. Runs beside the sweep and never rejects: the rest goes next time. */
export async function expireQuarantine(deps: Pick<Deps, "db" | "now" | "log">): Promise<void> {
  try {
    const before = smallestLeadId(deps.now() - KEPT_MS);
    const dropped = await rows(deps.db, dropBefore(before, DROP_LIMIT));
    if (dropped.length > 0) deps.log("info", "quarantine_expired", { rows: dropped.length });
  } catch (error) {
    deps.log("warn", "quarantine_expiry_put_off", { error: failureMessage(error) });
  }
}
