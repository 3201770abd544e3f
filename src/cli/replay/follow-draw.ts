import type { PodSettings } from "../../rules/pod.ts";
import { localDay } from "../../roster/index.ts";
import { countOpen, OWN_CAP_REACHED } from "../../pod/index.ts";
import type { PodLedger } from "./pod-ledger.ts";
import type { RecordedStep } from "./record.ts";

/** A recorded draw: what the trail tells of it. */
export interface RecordedDraw {
  readonly step: RecordedStep;
  /** The claim's number; null when nobody was eligible. */
  readonly claimSeq: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Puts a ledger at its first draw: balances and counts are those the trail tells. Who was picked last is told for two
 * only: the one picked went before the runner-up, and both before whoever stood level with them. Changes `pod`.
 */
export function beginLedger(
  pod: PodLedger,
  { step, claimSeq, at }: RecordedDraw,
  now: number,
): void {
  pod.begun = true;
  pod.state.lastSeq = (claimSeq ?? 1) - 1;
  for (const { repId, balance, count } of step.candidates ?? []) {
    const line = pod.line(repId);
    if (!line) continue;
    line.balance = balance;
    if (claimSeq !== 1) line.lastSeq = guessTurn(step, repId);
    const zone = zoneOf(pod, repId);
    // The record's first draw may lie days ahead of this run's: its counts are not today's then.
    if (localDay(zone, at) === localDay(zone, now))
      setCount(pod, repId, localDay(zone, now), count);
  }
}

/** After 0, which is nobody's turn yet, and before every number of the record. No integer, so that it is known for a guess. */
function guessTurn({ picked, runnerUp }: RecordedStep, repId: string): number {
  if (repId === picked) return 0.25;
  return repId === runnerUp ? 0.5 : 0.75;
}

/**
 * Brings a ledger to where the recorded draw left it, whatever it had foreseen: so that one thing that the record does not
 * tell spoils one draw and not all that follow. Changes `pod`.
 * @param settings of the pod in the chain that decided; null = unknown, and then open leads are left as they are
 */
export function followDraw(
  pod: PodLedger,
  { step, claimSeq, at }: RecordedDraw,
  settings: PodSettings | null,
): void {
  pod.begun = true;
  for (const candidate of step.candidates ?? []) {
    const { repId, eligibility, reason, count } = candidate;
    const line = pod.line(repId);
    if (!line) continue;
    const day = localDay(zoneOf(pod, repId), at);
    const picked = repId === step.picked;
    line.balance = candidate.balanceAfter ?? candidate.balance;
    setCount(pod, repId, day, picked ? count + 1 : count);
    if (eligibility === "at_own_daily_cap" || reason === OWN_CAP_REACHED)
      pod.state.full[repId] = day;
    else if (eligibility === "eligible") delete pod.state.full[repId];
    if (settings !== null) boundOpen(pod, repId, eligibility, settings);
    if (!picked || claimSeq === null) continue;
    line.lastSeq = claimSeq;
    line.received += 1;
    countOpen(pod.state, repId, 1);
  }
  if (claimSeq === null) return;
  pod.state.lastSeq = Math.max(pod.state.lastSeq, claimSeq);
  pod.state.standing += 1;
}

/** A trail says of open leads only whether they were at the cap. */
function boundOpen(
  pod: PodLedger,
  repId: string,
  eligibility: string,
  settings: PodSettings,
): void {
  const member = pod.roster.members.find((each) => each.repId === repId);
  const cap = member?.openCap ?? settings.openCap ?? null;
  if (cap === null) return;
  const open = pod.state.open[repId] ?? 0;
  if (eligibility === "at_open_cap" && open < cap) pod.state.open[repId] = cap;
  if (eligibility === "eligible" && open >= cap) pod.state.open[repId] = cap - 1;
}

function setCount(pod: PodLedger, repId: string, day: string, count: number): void {
  const days = (pod.state.days[repId] ??= {});
  if (count > 0) days[day] = count;
  else delete days[day];
}

function zoneOf(pod: PodLedger, repId: string): string {
  return pod.roster.members.find((member) => member.repId === repId)?.timeZone ?? "UTC";
}
