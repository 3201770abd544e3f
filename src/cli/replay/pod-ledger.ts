import {
  adoptRoster,
  type Claim,
  countOpen,
  draw,
  emptyState,
  enterDebit,
  forgetOldDays,
  newLine,
  OWN_CAP_REACHED,
  type PodNow,
  type PodState,
  release,
  settle,
} from "../../pod/index.ts";
import type { ClaimWanted } from "../../ports/pod.ts";
import type { Roster } from "../../ports/roster.ts";
import { localDay } from "../../roster/index.ts";
import type { PodSettings } from "../../rules/pod.ts";
import type { Draw } from "../../rules/trail.ts";
import type { RecordedStep } from "./record.ts";

export interface Drawn {
  readonly result: Draw;
  readonly claim: Claim | null;
}

/** A recorded draw: what the trail shows of it. */
export interface RecordedDraw {
  readonly step: RecordedStep;
  /** The claim's number; null when nobody was eligible. */
  readonly claimSeq: number | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const NOBODY: Roster = { podId: "", version: 0, members: [] };
const HOUR_MS = 60 * 60 * 1000;

/** What a pod has counted, and its steps: those of `PodCore`, by the same functions, without storage and alarms. */
export class PodLedger {
  state: PodState = emptyState();
  roster: Roster = NOBODY;
  /** False until the first draw: then the record shows how the ledger was. */
  begun = false;
  #tidiedAt = 0;

  adopt(roster: Roster): void {
    adoptRoster(this.state, this.roster, roster);
    this.roster = roster;
  }

  draw(wanted: ClaimWanted, settings: PodSettings, now: number): Drawn {
    this.#tick(now);
    return draw(wanted, this.#at(settings));
  }

  /** Remembers what giving claims back does not bring back: whose turn was last, and who is full. Yields how to undo it. */
  mark(): () => void {
    const { lastSeq } = this.state;
    const full = { ...this.state.full };
    const turns = Object.values(this.state.ledger).map((line) => [line, line.lastSeq] as const);
    return () => {
      this.state.lastSeq = lastSeq;
      this.state.full = full;
      for (const [line, turn] of turns) line.lastSeq = turn;
    };
  }

  giveBack(claim: Claim): void {
    settle(claim, "names_another", this.state, this.roster);
  }

  release(claim: Claim): Claim {
    return release(claim, this.state);
  }

  debit(repId: string, settings: PodSettings, now: number): void {
    this.#tick(now);
    enterDebit(repId, this.#at(settings));
  }

  /** The line of a member; undefined for anybody else. */
  line(repId: string) {
    return this.#member(repId) && (this.state.ledger[repId] ??= newLine(this.state));
  }

  /**
   * Gives back a claim whose rep the commit found to be full. The trail shows the ledger with the claim still in it: so it
   * is counted first.
   */
  refuse(claim: Claim): void {
    const { repId, seq, day } = claim;
    const line = this.line(repId);
    if (line) {
      line.received += 1;
      line.lastSeq = seq;
    }
    this.state.standing += 1;
    this.state.full[repId] = day;
    countOpen(this.state, repId, 1);
    this.giveBack(claim);
  }

  /**
   * Puts the ledger at its first draw: balances and counts are those of the trail. Whose turn was last is known of two
   * only: the one picked went before the runner-up, and both before others who were level with them.
   */
  begin({ step, claimSeq, at }: RecordedDraw, now: number): void {
    this.begun = true;
    this.state.lastSeq = (claimSeq ?? 1) - 1;
    for (const { repId, balance, count } of step.candidates ?? []) {
      const line = this.line(repId);
      if (!line) continue;
      line.balance = balance;
      if (claimSeq !== 1) line.lastSeq = guessTurn(step, repId);
      const day = this.#dayOf(repId, now);
      // The record's first draw may be days ahead of this run's: its counts are not today's then.
      if (this.#dayOf(repId, at) === day) this.#setCount(repId, day, count);
    }
  }

  /**
   * Brings the ledger to where the recorded draw left it, whatever it had foreseen: so that one thing that the record does
   * not show spoils one draw and not all that follow.
   * @param settings of the pod in the chain that decided; null = unknown, and then open leads are left as they are
   */
  follow({ step, claimSeq, at }: RecordedDraw, settings: PodSettings | null): void {
    this.begun = true;
    for (const candidate of step.candidates ?? []) {
      const { repId, eligibility, reason, count } = candidate;
      const line = this.line(repId);
      if (!line) continue;
      const day = this.#dayOf(repId, at);
      line.balance = candidate.balanceAfter ?? candidate.balance;
      this.#setCount(repId, day, repId === step.picked ? count + 1 : count);
      if (eligibility === "at_own_daily_cap" || reason === OWN_CAP_REACHED)
        this.state.full[repId] = day;
      else if (eligibility === "eligible") delete this.state.full[repId];
      if (settings !== null) this.#boundOpen(repId, eligibility, settings);
      if (repId !== step.picked || claimSeq === null) continue;
      line.lastSeq = claimSeq;
      line.received += 1;
      countOpen(this.state, repId, 1);
    }
    if (claimSeq === null) return;
    this.state.lastSeq = Math.max(this.state.lastSeq, claimSeq);
    this.state.standing += 1;
  }

  /** A trail says of open leads only whether they were at the cap. */
  #boundOpen(repId: string, eligibility: string, settings: PodSettings): void {
    const cap = this.#member(repId)?.openCap ?? settings.openCap ?? null;
    if (cap === null) return;
    const open = this.state.open[repId] ?? 0;
    if (eligibility === "at_open_cap" && open < cap) this.state.open[repId] = cap;
    if (eligibility === "eligible" && open >= cap) this.state.open[repId] = cap - 1;
  }

  #setCount(repId: string, day: string, count: number): void {
    const days = (this.state.days[repId] ??= {});
    if (count > 0) days[day] = count;
    else delete days[day];
  }

  #dayOf(repId: string, at: number): string {
    return localDay(this.#member(repId)?.timeZone ?? "UTC", at);
  }

  #member(repId: string) {
    return this.roster.members.find((member) => member.repId === repId);
  }

  #at(settings: PodSettings): PodNow {
    const { state, roster } = this;
    return { state, roster, settings, now: state.clock };
  }

  #tick(now: number): void {
    this.state.clock = Math.max(this.state.clock, now);
    if (this.state.clock - this.#tidiedAt < HOUR_MS) return;
    this.#tidiedAt = this.state.clock;
    forgetOldDays(this.state);
  }
}

/** After 0, which is nobody's turn yet, and before every number of the record. Not a whole number, to be known as a guess. */
function guessTurn({ picked, runnerUp }: RecordedStep, repId: string): number {
  if (repId === picked) return 0.25;
  return repId === runnerUp ? 0.5 : 0.75;
}
