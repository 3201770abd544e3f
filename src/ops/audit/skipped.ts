import { type DecisionKey, sameKey } from "../../record/decision-key.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, sql, transaction } from "../../lib/query.ts";
import { cutPage, type Page, SCAN_LIMIT } from "../../record/lead-lists.ts";
import { unpackTrail } from "../../record/stored-trail.ts";
import type { Candidate, Eligibility, TrailStep } from "../../rules/trail.ts";
import { UNITS_PER_LEAD } from "../../pod/index.ts";

/** A rep, and when the leads came in that may have skipped them. */
export interface SkipFilter {
  readonly repId: string;
  /** The pods that the rep is a member of. */
  readonly podIds: readonly string[];
  /** By the instant in the lead's id, milliseconds since the epoch: `from` inclusive, `to` exclusive; null = until now. */
  readonly from: number;
  readonly to: number | null;
}

/** One rule by which the rep could have got a lead, and which decision passed them over. */
export interface Skip extends PassedOver {
  readonly leadId: string;
  readonly generation: number;
  /** Instants, in milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly decidedAt: number;
  /** Who got the lead in the end; null = nobody. */
  readonly ownerId: string | null;
}

/** Names a skip: the newest lead first, and in a decision its rules in order. */
export type SkipKey = Pick<Skip, "leadId" | "generation" | "step">;

export interface SkippedPage extends Page<Skip, SkipKey> {
  /** Draws of the rep's pods that this page passed and whose trails do not name the rep: pods of over 50 name few. */
  readonly unnamed: number;
}

/** Behind the last rule of any trail. */
const ALL_STEPS = Number.MAX_SAFE_INTEGER;

type Found = Omit<Skip, keyof PassedOver> & { readonly trail: string };

/**
 * What passed the rep over, newest first. Looks at a bounded number of decisions a page: a page may be short, or even
 * empty, and `next` carries on. A pod that was asked takes up to 12 kB of a trail, so a page reads some 6 MB at most.
 */
export async function listSkipped(
  db: D1Database,
  filter: SkipFilter,
  limit: number,
  after: SkipKey | null,
): Promise<SkippedPage> {
  const { repId, podIds } = filter;
  const scanned = scanDecisions(filter, after);
  // As JSON writes them: an id has no character that it would escape. What these find is read exactly afterwards.
  const pods = JSON.stringify(podIds.map((podId) => `"podId":${JSON.stringify(podId)}`));
  const [found, [scan]] = await transaction(db, [
    query<Found>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT s.lead_id AS leadId, s.generation, l.received_at AS receivedAt, d.decided_at AS decidedAt,
        d.owner_id AS ownerId, d.trail
      FROM scanned s
      CROSS JOIN decisions d ON d.lead_id = s.lead_id AND d.generation = s.generation
      CROSS JOIN leads l ON l.id = s.lead_id
      WHERE d.owner_id IS NOT ${repId} AND (
        instr(d.trail, ${JSON.stringify(repId)}) OR (
          instr(d.trail, '"others":') AND EXISTS (SELECT 1 FROM json_each(${pods}) p WHERE instr(d.trail, p.value))))
      ORDER BY s.lead_id DESC, s.generation DESC`),
    query<{ count: number; leadId: string; generation: number }>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT count(*) OVER () AS count, lead_id AS leadId, generation FROM scanned
      ORDER BY lead_id, generation LIMIT 1`),
  ]);

  const read = found.map(({ trail, ...decision }) => {
    const steps = unpackTrail(trail);
    return {
      decision,
      skips: listPassedOver(steps, repId).map((passedOver) => ({ ...decision, ...passedOver })),
      unnamed: countUnnamed(steps, repId, new Set(podIds)),
    };
  });
  const skips = read.flatMap((one) => one.skips).filter((skip) => isBehind(skip, after));
  const last = scan ? { leadId: scan.leadId, generation: scan.generation, step: ALL_STEPS } : null;
  const page = cutPage(skips, limit, keyOf, { count: scan?.count ?? 0, last }, SCAN_LIMIT);
  // Counted by the page that first comes to the decision.
  const unnamed = read
    .filter(({ decision }) => after === null || isOlder(decision, after))
    .filter(({ decision }) => page.next === null || !isOlder(decision, page.next))
    .reduce((total, one) => total + one.unnamed, 0);
  return { ...page, unnamed };
}

function scanDecisions({ from, to }: SkipFilter, after: SkipKey | null) {
  // One upper bound, never two: SQLite would begin at either, and read down from there.
  const upTo = to === null ? sql`1` : sql`d.lead_id < ${smallestLeadId(to)}`;
  return sql`
    SELECT d.lead_id, d.generation FROM decisions d
    WHERE d.lead_id >= ${smallestLeadId(from)} AND ${
      after === null
        ? upTo
        : sql`(d.lead_id, d.generation) <= (${after.leadId}, ${after.generation})`
    }
    ORDER BY d.lead_id DESC, d.generation DESC LIMIT ${SCAN_LIMIT}`;
}

function keyOf({ leadId, generation, step }: Skip): SkipKey {
  return { leadId, generation, step };
}

function isBehind(skip: SkipKey, after: SkipKey | null): boolean {
  if (after === null || isOlder(skip, after)) return true;
  return sameKey(skip, after) && skip.step > after.step;
}

function isOlder(one: DecisionKey, other: DecisionKey): boolean {
  return (
    one.leadId < other.leadId || (one.leadId === other.leadId && one.generation < other.generation)
  );
}

// "Why did it skip me", read off a trail. Pure.

/** A rule by which a rep could have got the lead and did not. */
export interface PassedOver {
  /** Place of the rule in the trail, from 0. */
  readonly step: number;
  readonly rule: string;
  /** Null = the rep was passed over as the owner of the lead's account. */
  readonly podId: string | null;
  /** Null where no pod was asked. `eligible` = it was somebody else's turn. */
  readonly eligibility: Eligibility | null;
  /** In words that read on after the rep's name where a pod was asked, else as the trail has them. */
  readonly reason: string;
  /** When what was in the way ends by itself, in milliseconds since the epoch; null = nothing was, or nobody knows. */
  readonly until: number | null;
  /** Leads owed to the rep, their share of this one included; null = they could not have been picked. */
  readonly owed: number | null;
  /** The same of whoever was picked. */
  readonly pickedOwed: number | null;
}

/** The rules that passed the rep over, in the trail's order; of a trail in which they did not get the lead. */
export function listPassedOver(trail: readonly TrailStep[], repId: string): readonly PassedOver[] {
  return trail.flatMap((step, at): PassedOver[] => {
    const told = { step: at, rule: step.rule, podId: step.podId ?? null };
    const candidate = findCandidate(step, repId);
    if (candidate !== undefined) return [{ ...told, ...explain(candidate, step) }];
    if (step.ownerId !== repId) return [];
    const { reason } = step;
    return [{ ...told, eligibility: null, reason, until: null, owed: null, pickedOwed: null }];
  });
}

/** Draws of these pods whose shortened list of candidates leaves the rep out. */
export function countUnnamed(
  trail: readonly TrailStep[],
  repId: string,
  podIds: ReadonlySet<string>,
): number {
  return trail.filter(
    (step) =>
      step.others !== undefined &&
      step.podId !== undefined &&
      podIds.has(step.podId) &&
      findCandidate(step, repId) === undefined,
  ).length;
}

function explain(candidate: Candidate, step: TrailStep) {
  const { eligibility, until } = candidate;
  const picked = findCandidate(step, step.picked);
  if (eligibility !== "eligible" || picked === undefined)
    return { eligibility, reason: candidate.reason, until, owed: null, pickedOwed: null };

  // The trail has balances as of before the lead's credit was handed out, which went by weight.
  const credit = (candidate.balanceAfter ?? candidate.balance) - candidate.balance;
  const owed = (candidate.balance + credit) / UNITS_PER_LEAD;
  const pickedCredit = Math.floor((credit * picked.weight) / candidate.weight);
  const pickedOwed = (picked.balance + pickedCredit) / UNITS_PER_LEAD;
  return { eligibility, reason: compare(owed, picked.repId, pickedOwed), until, owed, pickedOwed };
}

function compare(owed: number, picked: string, pickedOwed: number): string {
  const [own, theirs] = [toWords(owed), toWords(pickedOwed)];
  return own === theirs
    ? `was eligible and level with ${picked} at ${own} of a lead owed, but ${picked} was first in line`
    : `was eligible and owed ${own} of a lead, but ${picked} was owed ${theirs}`;
}

/** Two digits say enough of a lead; what rounds to nothing has no sign. */
function toWords(leads: number): string {
  return leads.toFixed(2).replace("-0.00", "0.00");
}

function findCandidate(
  { candidates = [] }: TrailStep,
  repId: string | undefined,
): Candidate | undefined {
  return candidates.find((candidate) => candidate.repId === repId);
}
