import { ROUTER } from "../../record/events.ts";
import { bucketOf } from "../../record/rollups.ts";
import { causeOf, type DeadEnd } from "./dead-end.ts";
import type { CommittedDecision, CommittedNotice } from "./committed.ts";
import { record } from "../../record/histogram.ts";
import {
  addCause,
  addCounts,
  addRule,
  emptyTally,
  nameSource,
  type Tally,
  timesOf,
} from "../../record/tally.ts";

/** Tallies by the instant at which their quarter-hour begins. */
export type Tallies = ReadonlyMap<number, Tally>;

/** Counts decisions, and when somebody was told of them, by the quarter-hour of the decision. Pure. */
export function countCommits(
  decisions: readonly CommittedDecision[],
  notices: readonly CommittedNotice[],
): Map<number, Tally> {
  const tallies = new Map<number, Tally>();
  for (const decision of decisions) countDecision(tallyAt(tallies, decision.decidedAt), decision);
  for (const notice of notices) countNotice(tallyAt(tallies, notice.decidedAt), notice);
  return tallies;
}

function tallyAt(tallies: Map<number, Tally>, instant: number): Tally {
  const bucket = bucketOf(instant);
  const tally = tallies.get(bucket) ?? emptyTally();
  tallies.set(bucket, tally);
  return tally;
}

function countDecision(tally: Tally, decision: CommittedDecision): void {
  const { generation, ownerId, podId, rule, source, receivedAt, decidedAt } = decision;
  const [first, later] = generation === 1 ? [1, 0] : [0, 1];
  addCounts(tally, [ownerId, podId, rule, nameSource(source), first, later]);

  const steps: readonly Step[] = JSON.parse(decision.steps);
  const tried = steps.filter(([, kind]) => kind !== "manual");
  if (tried.length > 0) tally.walks++;
  for (const [name, , outcome] of tried) {
    const is = (other: string) => (outcome === other ? 1 : 0);
    addRule(tally, [name, is("matched"), is("no_match"), is("no_eligible_rep")]);
  }
  if (ownerId === null) addCause(tally, causeOf(tried.length, deadEndsOf(tried)), 1);
  if (isTimed(decision)) record(timesOf(tally, "receivedToDecided", podId), decidedAt - receivedAt);
}

function countNotice(tally: Tally, notice: CommittedNotice): void {
  const { podId, receivedAt, decidedAt, notifiedAt } = notice;
  record(timesOf(tally, "decidedToNotified", podId), notifiedAt - decidedAt);
  if (isTimed(notice)) record(timesOf(tally, "receivedToNotified", podId), notifiedAt - receivedAt);
}

/** The time a lead waits for its first decision is the router's; an assignment by hand and an erasure take a person's. */
function isTimed({
  generation,
  decidedBy,
}: Pick<CommittedDecision, "generation" | "decidedBy">): boolean {
  return generation === 1 && decidedBy === ROUTER;
}

/** A step of a trail, cut down to what is counted. */
type Step = readonly [rule: string, kind: string, outcome: string, podId: string | null];

function deadEndsOf(steps: readonly Step[]): DeadEnd[] {
  return steps.flatMap(([rule, , outcome, podId]) =>
    outcome === "no_eligible_rep" ? [{ rule, podId }] : [],
  );
}
