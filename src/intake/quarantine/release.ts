import { appendCommitOf, insertEventsFrom } from "../../record/events.ts";
import type { Lead } from "../../rules/lead.ts";
import type { Deps } from "../../ports/deps.ts";
import { RouterError } from "../../lib/failure.ts";
import { sendInTime } from "../api/durable.ts";
import { aliasOfReleased, insertReleased, leadBehind, leadIdBehind } from "../../record/leads.ts";
import { rows, sql, writeThenRead, type Query } from "../../lib/query.ts";
import {
  draftFromRow,
  type Ending,
  endStay,
  suspectById,
  type SuspectRow,
  whileWaiting,
} from "../../record/quarantine.ts";

export type Released =
  | {
      readonly outcome: "released";
      /** Its own id, or that of the lead that it turned out to be. */
      readonly leadId: string;
      /** Milliseconds since the epoch. */
      readonly releasedAt: number;
      readonly releasedBy: string;
    }
  /** There never was one of this id, or its time is over. */
  | { readonly outcome: "not_found" }
  /** Somebody threw it away. */
  | { readonly outcome: "discarded" }
  /** It was released, and the person was erased from the lead since. */
  | { readonly outcome: "erased" };

/**
 * Makes a lead of what is quarantined, with its own id and the instant it came in, and sends it on its way: once, however often
 * and by however many it is asked for. Where it says the same as a lead of the same ten minutes, or has its idempotency key, it
 * becomes an alias of that one. Rejects when the outcome is unknown; safe to repeat.
 */
export async function release(
  deps: Deps,
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
    throw new RouterError("what was released from the quarantine is no lead");
  if (lead.erasedAt !== null) return { outcome: "erased" };
  // For speed, and only by whoever released it: should this fail, the sweep finds the undecided lead.
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
  return [
    insertReleased(lead, idempotencyKey, waits),
    aliasOfReleased(lead, idempotencyKey, waits),
    insertEventsFrom(
      actor,
      at,
      whileWaiting(id, sql`${key}, 'released' AS kind, ${detail} AS detail`),
    ),
    appendCommitOf(at, sql`SELECT ${key}`),
    endStay(id, ending),
  ];
}
