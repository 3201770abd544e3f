import type { SQL } from "drizzle-orm";
import { lastCommitNo, notificationEnded } from "./events.ts";
import { type DecisionKey, keyList } from "./decision-key.ts";
import { query, type Query, sql } from "../lib/query.ts";
import type { pending } from "./schema.ts";
import type { StoredRow } from "./columns.ts";
import type { Chain } from "../rules/chain.ts";

// The only place that writes `pending`, what needs another go, but for a trigger of the migration: leads_behind_the_mark.
// A healthy lead never has a row here.

/** What a re-route was asked with; the router's own rows carry nothing. */
export interface Intent {
  readonly actor?: string;
  readonly reason?: string;
  /** Reps who must not get the lead again, each with the reason in words. */
  readonly excluded?: Readonly<Record<string, string>>;
}

/** How long a notification that is on its way is left alone before it is sent again, in milliseconds. */
export const NOTIFY_GRACE_MS = 60_000;

/** The pace at which a row is tried again, doubling from the first to the longest, in milliseconds. */
const FIRST_PACE_MS = 60_000;
const LONGEST_PACE_MS = 60 * 60_000;

/** Names one event of a lead. */
export interface LeadEventKey {
  readonly leadId: string;
  readonly eventId: string;
}

export type PendingRow = Pick<
  StoredRow<typeof pending>,
  "leadId" | "generation" | "kind" | "tries"
>;

/** Puts those of the leads that are stored but undecided on the list. */
export function wantRouting(keys: readonly DecisionKey[], due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT k.value ->> 0, k.value ->> 1, 'route', ${due}
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN leads l ON l.id = k.value ->> 0
    WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1)
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** Puts those of the leads that a SELECT of ids yields on the list that have no decision at all. */
export function wantRoutingOfUndecided(leads: SQL, due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT v.id, 1, 'route', ${due} FROM (${leads}) v
    WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = v.id)
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** Puts those decisions of the leads that a SELECT of ids yields on the list whose notification has not ended. */
export function wantNotificationOfUntold(leads: SQL, due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT d.lead_id, d.generation, 'notify', ${due} FROM (${leads}) v
    CROSS JOIN decisions d ON d.lead_id = v.id
    WHERE NOT ${notificationEnded}
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** Leaves leads that stand in a pod's line alone until they are due; an intent stays the intent it is. */
export function putOffRouting(rows: readonly (DecisionKey & { readonly due: number })[]): Query {
  const list = JSON.stringify(rows.map(({ leadId, generation, due }) => [leadId, generation, due]));
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT k.value ->> 0, k.value ->> 1, 'route', k.value ->> 2
    FROM json_each(${list}) k
    CROSS JOIN leads l ON l.id = k.value ->> 0
    WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1)
    ON CONFLICT (lead_id, generation, kind) DO UPDATE SET due = excluded.due, tries = 0`);
}

/** Has every lead that waits for a decision tried at the next sweep, however long it was to wait. */
export function hastenRouting(now: number): Query {
  return query(
    sql`UPDATE pending SET due = ${now}, tries = 0 WHERE kind = 'route' AND due > ${now}`,
  );
}

type IntentRow = Pick<StoredRow<typeof pending>, "leadId" | "generation" | "args">;

/** The intents behind these keys. */
export function intentsOf(keys: readonly DecisionKey[]): Query<IntentRow> {
  return query(sql`
    SELECT p.lead_id AS leadId, p.generation, p.args
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN pending p ON p.lead_id = k.value ->> 0 AND p.generation = k.value ->> 1 AND p.kind = 'route'`);
}

export function intentFromRow({ args }: IntentRow): Intent {
  return JSON.parse(args);
}

/** What waited to be decided and now is waits to be announced. */
export function routeBecomesNotify(keys: readonly DecisionKey[], due: number): Query {
  return query(sql`
    UPDATE OR REPLACE pending SET kind = 'notify', due = ${due}, tries = 0, args = '{}'
    WHERE kind = 'route' AND (lead_id, generation) IN (
      SELECT d.lead_id, d.generation FROM json_each(${keyList(keys)}) k
      CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1)`);
}

/** A later generation was decided in this transaction: the claim of the one before it is to free its open slot. */
export function wantReleases(keys: readonly DecisionKey[], due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT before.lead_id, before.generation, 'release', ${due}
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    CROSS JOIN decisions before ON before.lead_id = d.lead_id AND before.generation = d.generation - 1
    WHERE d.commit_no = ${lastCommitNo} AND before.claim_seq IS NOT NULL
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/**
 * The intent behind a `reroute_requested` event of this transaction's commit: the rep who has the lead now must not
 * get it again, unless the event says so.
 */
export function intendReroute({ leadId, eventId }: LeadEventKey, due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due, args)
    SELECT e.subject_id, e.generation, 'route', ${due}, json_object(
      'actor', e.actor, 'reason', e.detail ->> 'reason',
      'excluded', CASE WHEN d.owner_id IS NULL OR NOT e.detail ->> 'excludeOwner' THEN json('{}') ELSE json_object(d.owner_id, 'has it now') END)
    FROM events e
    CROSS JOIN decisions d ON d.lead_id = e.subject_id AND d.generation = e.generation - 1
    WHERE e.subject_type = 'lead' AND e.subject_id = ${leadId} AND e.id = ${eventId} AND e.commit_no = ${lastCommitNo}
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** A `closed` event of this transaction's commit: the claim of the decision it closed is to free its open slot. */
export function wantReleaseOfClosed({ leadId, eventId }: LeadEventKey, due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT d.lead_id, d.generation, 'release', ${due}
    FROM events e
    CROSS JOIN decisions d ON d.lead_id = e.subject_id AND d.generation = e.generation
    WHERE e.subject_type = 'lead' AND e.subject_id = ${leadId} AND e.id = ${eventId} AND e.commit_no = ${lastCommitNo}
      AND d.claim_seq IS NOT NULL
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** An `assigned_by_hand` event of this transaction's commit: the rep is notified of that decision. */
export function wantNotificationOfAssigned({ leadId, eventId }: LeadEventKey, due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT e.subject_id, e.generation, 'notify', ${due}
    FROM events e
    WHERE e.subject_type = 'lead' AND e.subject_id = ${leadId} AND e.id = ${eventId} AND e.commit_no = ${lastCommitNo}
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/**
 * Decisions of this transaction's commit that gave a lead to a member of these pods past the rotation: their ledgers are to
 * be debited.
 */
function wantDebits(keys: readonly DecisionKey[], podIds: readonly string[], due: number): Query {
  return query(sql`
    INSERT INTO pending (lead_id, generation, kind, due)
    SELECT d.lead_id, d.generation, 'debit', ${due}
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    WHERE d.commit_no = ${lastCommitNo} AND d.owner_id IS NOT NULL AND d.pod_id IS NULL AND EXISTS (
      SELECT 1 FROM json_each(${JSON.stringify(podIds)}) p
      CROSS JOIN members m ON m.pod_id = p.value AND m.rep_id = d.owner_id)
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** How many rows of each kind wait. Reads the whole table, which is empty when all is well. */
export function countPending(): Query<{ kind: PendingRow["kind"]; count: number }> {
  return query(sql`SELECT kind, count(*) AS count FROM pending GROUP BY kind`);
}

/** Takes finished work off the list. */
export function finish(kind: PendingRow["kind"], keys: readonly DecisionKey[]): Query {
  return query(sql`
    DELETE FROM pending WHERE kind = ${kind} AND (lead_id, generation) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${keyList(keys)}))`);
}

/** What is due, longest due first. */
export function duePending(now: number, limit: number): Query<PendingRow> {
  return query<PendingRow>(sql`
    SELECT lead_id AS leadId, generation, kind, tries FROM pending WHERE due <= ${now} ORDER BY due LIMIT ${limit}`);
}

/** Puts rows off before they are tried: the pace doubles with each try, up to an hour. */
export function postpone(due: readonly PendingRow[], now: number): Query {
  return query(sql`
    UPDATE pending SET tries = tries + 1, due = ${now} + min(${FIRST_PACE_MS} << min(tries, 10), ${LONGEST_PACE_MS})
    WHERE (lead_id, generation, kind) IN (
      SELECT value ->> 0, value ->> 1, value ->> 2
      FROM json_each(${JSON.stringify(due.map(({ leadId, generation, kind }) => [leadId, generation, kind]))}))`);
}

/** The pods in which a lead got past the rotation counts. */
export function debitingPods(chain: Chain): string[] {
  return chain.pods.filter(({ settings }) => settings.debitOutside === true).map(({ id }) => id);
}

/** Statements that put this transaction's decisions past the rotation on the list; none where no pod counts them. */
export function wantDebitsIn(
  chain: Chain,
  keys: readonly DecisionKey[],
  due: number,
): readonly Query[] {
  const podIds = debitingPods(chain);
  return podIds.length === 0 ? [] : [wantDebits(keys, podIds, due)];
}
