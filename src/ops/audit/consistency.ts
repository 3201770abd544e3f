import { countArchived, countArchivedClaims } from "../../record/archives.ts";
import { podVersions } from "../../roster/index.ts";
import { query, sql, transaction } from "../../lib/query.ts";
import { countPending, type PendingRow } from "../../record/pending.ts";
import { notificationEnded } from "../../record/events.ts";

/** What the tables count, at one instant of D1. */
export interface Consistency {
  /** Those in the archive among them. */
  readonly leads: number;
  /** By each lead's newest generation, counted from the decisions alone. */
  readonly assigned: number;
  readonly unassigned: number;
  /** Leads without a decision, counted from the leads alone. */
  readonly undecided: number;
  readonly oldestUndecided: { readonly leadId: string; readonly receivedAt: number } | null;
  /** The oldest decision of which nobody was told, nor was it settled that nobody is to be. */
  readonly oldestUnnotified: {
    readonly leadId: string;
    readonly generation: number;
    readonly committedAt: number;
  } | null;
  readonly pending: Readonly<Record<PendingRow["kind"], number>>;
  readonly podVersions: ReadonlyMap<string, number>;
  /** Decisions that rest on a claim of each pod, those in the archive among them. */
  readonly podDecisions: ReadonlyMap<string, number>;
}

/**
 * Counts everything: reads all of `leads` and `decisions`, and the events of each decided lead. Made for a
 * check now and then by people or a monitor, not for every page view.
 */
export async function countConsistency(
  db: D1Database,
  podIds: readonly string[],
): Promise<Consistency> {
  const [
    [leads],
    outcomes,
    oldestUndecided,
    oldestUnnotified,
    pending,
    versions,
    claimed,
    [archived],
    archivedClaims,
  ] = await transaction(db, [
    query<{ leads: number; undecided: number }>(sql`
      SELECT count(*) AS leads, count(*) FILTER (
        WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = l.id)) AS undecided
      FROM leads l`),
    query<{ outcome: "assigned" | "unassigned"; count: number }>(sql`
      SELECT d.outcome, count(*) AS count FROM decisions d
      WHERE NOT EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = d.lead_id AND n.generation > d.generation)
      GROUP BY d.outcome`),
    query<{ leadId: string; receivedAt: number }>(sql`
      SELECT l.id AS leadId, l.received_at AS receivedAt FROM leads l
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = l.id) ORDER BY l.id LIMIT 1`),
    query<{ leadId: string; generation: number; committedAt: number }>(sql`
      SELECT d.lead_id AS leadId, d.generation, d.committed_at AS committedAt FROM decisions d
      WHERE NOT ${notificationEnded}
      ORDER BY d.committed_at, d.lead_id LIMIT 1`),
    countPending(),
    podVersions(podIds),
    query<{ podId: string; count: number }>(sql`
      SELECT pod_id AS podId, count(*) AS count FROM decisions WHERE pod_id IS NOT NULL GROUP BY pod_id`),
    countArchived(),
    countArchivedClaims(),
  ]);
  const countOf = new Map(outcomes.map(({ outcome, count }) => [outcome, count]));
  const podDecisions = new Map(claimed.map(({ podId, count }) => [podId, count]));
  for (const { podId, count } of archivedClaims)
    podDecisions.set(podId, (podDecisions.get(podId) ?? 0) + count);
  const waiting = { route: 0, notify: 0, release: 0, debit: 0 };
  for (const { kind, count } of pending) waiting[kind] = count;
  return {
    leads: (leads?.leads ?? 0) + (archived?.leads ?? 0),
    assigned: (countOf.get("assigned") ?? 0) + (archived?.assigned ?? 0),
    unassigned: (countOf.get("unassigned") ?? 0) + (archived?.unassigned ?? 0),
    undecided: leads?.undecided ?? 0,
    oldestUndecided: oldestUndecided[0] ?? null,
    oldestUnnotified: oldestUnnotified[0] ?? null,
    pending: waiting,
    podVersions: new Map(versions.map((row) => [row.pod_id, row.version])),
    podDecisions,
  };
}
