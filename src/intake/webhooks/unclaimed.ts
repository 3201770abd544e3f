import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base64url } from "jose";
import { sha256Hex } from "../../lib/digest.ts";
import { classifyFailure, failureMessage } from "../../lib/failure.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, type Query, rows, sql, writeThenRead } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import { columns, except, only, type StoredRow } from "../../record/columns.ts";
import { webhookDeliveries } from "../../record/schema.ts";
import { tryInTime } from "../durable.ts";
import type { Delivery } from "./sender.ts";
import { type KeptReason, notifyOfSources, raiseAlarm } from "./trouble.ts";

// The one place that writes `webhook_deliveries`: deliveries that became no lead.

/** How long one is kept, in milliseconds: 7 days. Bodies hold people, and a source is fixed by then or not at all. */
export const KEPT_MS = 7 * 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/**
 * How much is kept of one source in an hour. Anybody who guesses a URL can send deliveries that fit no secret: 7 days of them are
 * 0.2 GB of the 10 GB that D1 has. While a secret is missing they cannot be told from leads, and some senders try only four
 * times. A sender that a secret vouches for is bounded by more than it would ever send.
 */
const PER_HOUR: Readonly<Record<KeptReason, { readonly count: number; readonly bytes: number }>> = {
  bad_signature: { count: 60, bytes: 1_000_000 },
  not_configured: { count: 300, bytes: 3_000_000 },
  retired_key: { count: 300, bytes: 3_000_000 },
  unreadable: { count: 1_000, bytes: 10_000_000 },
  no_contact: { count: 1_000, bytes: 10_000_000 },
  too_large: { count: 1_000, bytes: 10_000_000 },
};

const wholeRow = except(webhookDeliveries, "digest");
const keptRow = only(webhookDeliveries, "id", "receivedAt", "source", "reason", "bytes");
type WholeRow = StoredRow<typeof wholeRow>;
/** A row without what somebody sent. */
export type KeptRow = StoredRow<typeof keptRow>;

/** A delivery that is kept. */
export interface KeptDelivery extends KeptRow {
  readonly delivery: Delivery;
}

/** A delivery to keep. `id` is a UUIDv7 of `receivedAt`, which is in milliseconds since the epoch. */
type NewDelivery = Omit<KeptDelivery, "bytes">;

/**
 * Keeps a delivery that became no lead, and has ops notified about its source. Never rejects: true when it is kept, false when D1
 * did not take it in time, or its source had enough for an hour or, of deliveries that fit no secret, for a minute.
 */
export async function leaveDelivery(
  deps: Pick<Deps, "allow" | "db" | "log" | "sleep">,
  left: NewDelivery,
): Promise<boolean> {
  const { source, reason, receivedAt } = left;
  if (await isFlood(deps, source, reason)) return false;
  const writes = [keepDelivery(left), raiseAlarm(source, reason, receivedAt)];
  const kept = await tryInTime(deps, writeThenRead(deps.db, writes, [keptAlready(left)]), {
    failed: ["error", "webhook_not_kept", { source, reason }],
    late: ["error", "webhook_kept_late", { source, reason }],
  });
  return kept !== null && kept[0].length > 0;
}

/**
 * Whether more deliveries fit no secret than wrangler.toml allows in a minute: each would cost D1 a look at half a megabyte, for
 * which an attacker needs no secret.
 */
async function isFlood(
  deps: Pick<Deps, "allow" | "log">,
  source: string,
  reason: KeptReason,
): Promise<boolean> {
  if (reason !== "bad_signature") return false;
  try {
    return (await deps.allow("REFUSALS", `webhook:${source}`)) === false;
  } catch (error) {
    deps.log("warn", "webhook_limit_unavailable", { source, failure: classifyFailure(error) });
    return false;
  }
}

/** Keeps a delivery, unless the same is kept already or its source had enough for an hour. */
export function keepDelivery({ id, receivedAt, source, reason, delivery }: NewDelivery): Query {
  const { body, headers, pathSecret } = delivery;
  const { count, bytes } = PER_HOUR[reason];
  return query(sql`
    INSERT INTO webhook_deliveries (id, received_at, source, reason, digest, bytes, headers, path_secret, body)
    SELECT ${id}, ${receivedAt}, ${source}, ${reason}, ${digestOfDelivery(source, body)}, ${body.byteLength},
      ${JSON.stringify(headers)}, ${pathSecret}, ${base64url.encode(body)}
    WHERE (
      SELECT count(*) < ${count} AND total(d.bytes) + ${body.byteLength} <= ${bytes} FROM webhook_deliveries AS d
      WHERE d.reason = ${reason} AND d.id >= ${smallestLeadId(receivedAt - HOUR_MS)} AND d.source = ${source})
    ON CONFLICT DO NOTHING`);
}

/** One row when this very delivery is kept, for any reason; else none. */
function keptAlready({ source, delivery }: NewDelivery): Query<{ id: string }> {
  const digest = digestOfDelivery(source, delivery.body);
  return query(sql`SELECT id FROM webhook_deliveries WHERE digest = ${digest}`);
}

function digestOfDelivery(source: string, body: Uint8Array): string {
  return sha256Hex(concatBytes(utf8ToBytes(`${source}\n`), body));
}

/** Up to `limit` deliveries after an id, oldest first, of one reason or of any; none older than they are kept. */
export function listKept(
  reason: KeptReason | null,
  after: string,
  limit: number,
  now: number,
): Query<KeptRow> {
  return query(sql`
    SELECT ${columns(keptRow)} FROM webhook_deliveries
    WHERE id > ${after} AND id >= ${oldestKept(now)} ${reason === null ? sql`` : sql`AND reason = ${reason}`}
    ORDER BY id LIMIT ${limit}`);
}

/** One row, or none where there is none or it is older than they are kept. */
export function keptById(id: string, now: number): Query<WholeRow> {
  return query(sql`
    SELECT ${columns(wholeRow)} FROM webhook_deliveries
    WHERE id = ${id} AND id >= ${oldestKept(now)}`);
}

export function keptFromRow({ headers, pathSecret, body, ...row }: WholeRow): KeptDelivery {
  return {
    ...row,
    delivery: { body: base64url.decode(body), headers: JSON.parse(headers), pathSecret },
  };
}

/** Drops a delivery, for example once it was accepted. */
export function dropKept(id: string): Query {
  return query(sql`DELETE FROM webhook_deliveries WHERE id = ${id}`);
}

/** Drops up to `limit` deliveries that were kept for long enough, oldest first, and yields their ids. */
export function dropOutlived(now: number, limit: number): Query<{ id: string }> {
  return query(sql`
    DELETE FROM webhook_deliveries WHERE id IN (
      SELECT id FROM webhook_deliveries WHERE id < ${oldestKept(now)} ORDER BY id LIMIT ${limit})
    RETURNING id`);
}

function oldestKept(now: number): string {
  return smallestLeadId(now - KEPT_MS);
}

/** Deliveries dropped per minute: more than all sources together may leave in one, and at their largest a tenth of a GB. */
const DROP_LIMIT = 200;

/** Drops deliveries that were kept for long enough, and notifies ops of sources in trouble. Runs beside the sweep and never rejects: the rest goes next time. */
export async function maintainWebhooks(deps: Deps): Promise<void> {
  try {
    const dropped = await rows(deps.db, dropOutlived(deps.now(), DROP_LIMIT));
    if (dropped.length > 0)
      deps.log("info", "webhook_deliveries_dropped", { rows: dropped.length });
    await notifyOfSources(deps);
  } catch (error) {
    deps.log("warn", "webhooks_not_tended", { error: failureMessage(error) });
  }
}
