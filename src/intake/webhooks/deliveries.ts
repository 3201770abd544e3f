import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { base64url } from "jose";
import { sha256Hex } from "../../lib/digest.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, sql, type Query } from "../../lib/query.ts";
import type { webhookDeliveries } from "../../record/schema.ts";
import type { StoredRow } from "../../record/columns.ts";
import type { Delivery } from "./adapter.ts";

// The one place that writes `webhook_deliveries`: what somebody sent and became no lead.

/** How long one is kept, in milliseconds: 7 days. Bodies hold people, and nobody mends a source later than that. */
export const KEPT_MS = 7 * 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

/** Why a delivery became no lead. */
export const KEPT_REASONS = [
  /** It does not fit the secrets: an attack, or a secret that was mistyped. */
  "bad_signature",
  /** A secret is not set: our own mistake. */
  "not_configured",
  /** It came under a key that the source had before. */
  "retired_key",
  /** It is the sender's, but not in the sender's shape. */
  "unreadable",
  /** It names neither an address nor a phone: ids alone, or a form that does not ask. */
  "no_contact",
  /** It is too large to be safe on its way. */
  "too_large",
] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

/**
 * How much is kept of one source in an hour. Whoever can guess a URL can send what fits no secret: 7 days of that are 0.2 GB
 * of the 10 GB that D1 has. While a secret is missing nobody can tell leads from that, and some senders try only four
 * times. What a secret vouches for is bounded by what a sender would never send.
 */
const PER_HOUR: Readonly<Record<KeptReason, { readonly count: number; readonly bytes: number }>> = {
  bad_signature: { count: 60, bytes: 1_000_000 },
  not_configured: { count: 300, bytes: 3_000_000 },
  retired_key: { count: 300, bytes: 3_000_000 },
  unreadable: { count: 1_000, bytes: 10_000_000 },
  no_contact: { count: 1_000, bytes: 10_000_000 },
  too_large: { count: 1_000, bytes: 10_000_000 },
};

/** A row without what somebody sent. */
export type KeptRow = Pick<
  StoredRow<typeof webhookDeliveries>,
  "id" | "receivedAt" | "source" | "reason" | "bytes"
>;

interface WholeRow extends KeptRow {
  readonly headers: string;
  readonly pathSecret: string | null;
  readonly body: string;
}

/** A delivery that is kept. */
export interface KeptDelivery extends KeptRow {
  readonly delivery: Delivery;
}

/** A delivery to keep. `id` is a UUIDv7 of `receivedAt`, which is in milliseconds since the epoch. */
export interface NewDelivery extends Omit<KeptRow, "bytes"> {
  readonly delivery: Delivery;
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

/** One row when this very delivery is kept, by whatever reason; else none. */
export function keptAlready({ source, delivery }: Pick<NewDelivery, "source" | "delivery">): Query<{
  id: string;
}> {
  const digest = digestOfDelivery(source, delivery.body);
  return query(sql`SELECT id FROM webhook_deliveries WHERE digest = ${digest}`);
}

function digestOfDelivery(source: string, body: Uint8Array): string {
  return sha256Hex(concatBytes(utf8ToBytes(`${source}\n`), body));
}

const columns = sql.raw("id, received_at AS receivedAt, source, reason, bytes");

/** Up to `limit` deliveries after an id, oldest first, of one reason or of any; none older than they are kept. */
export function listKept(
  reason: KeptReason | null,
  after: string,
  limit: number,
  now: number,
): Query<KeptRow> {
  return query(sql`
    SELECT ${columns} FROM webhook_deliveries
    WHERE id > ${after} AND id >= ${oldestKept(now)} ${reason === null ? sql`` : sql`AND reason = ${reason}`}
    ORDER BY id LIMIT ${limit}`);
}

/** One row, or none where there is none or it is older than they are kept. */
export function keptById(id: string, now: number): Query<WholeRow> {
  return query(sql`
    SELECT ${columns}, headers, path_secret AS pathSecret, body FROM webhook_deliveries
    WHERE id = ${id} AND id >= ${oldestKept(now)}`);
}

export function keptFromRow({ headers, pathSecret, body, ...row }: WholeRow): KeptDelivery {
  return {
    ...row,
    delivery: { body: base64url.decode(body), headers: JSON.parse(headers), pathSecret },
  };
}

/** Drops a delivery that was taken. */
export function dropKept(id: string): Query {
  return query(sql`DELETE FROM webhook_deliveries WHERE id = ${id}`);
}

/** Drops up to `limit` of what was kept for long enough, oldest first, and yields their ids. */
export function dropOutlived(now: number, limit: number): Query<{ id: string }> {
  return query(sql`
    DELETE FROM webhook_deliveries WHERE id IN (
      SELECT id FROM webhook_deliveries WHERE id < ${oldestKept(now)} ORDER BY id LIMIT ${limit})
    RETURNING id`);
}

function oldestKept(now: number): string {
  return smallestLeadId(now - KEPT_MS);
}
