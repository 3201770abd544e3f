import type { PodSettings } from "../../rules/pod.ts";
import type { Draw } from "../../rules/trail.ts";
import {
  adoptRoster,
  type Claim,
  draw,
  emptyState,
  enterDebit,
  forgetOldDays,
  newLine,
  type PodNow,
  type PodState,
  release,
  settle,
} from "../../pod/index.ts";
import type { ClaimWanted } from "../../ports/pod.ts";
import type { Roster } from "../../ports/roster.ts";

export interface Drawn {
  readonly result: Draw;
  readonly claim: Claim | null;
}

const NOBODY: Roster = { podId: "", version: 0, members: [] };
const HOUR_MS = 60 * 60 * 1000;

/** What a pod has counted, and its steps: those of `PodCore`, by the same functions, without storage and alarms. */
export class PodLedger {
  state: PodState = emptyState();
  roster: Roster = NOBODY;
  /** False until the first draw: then the record tells how the ledger stood. */
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
    const seqs = Object.entries(this.state.ledger).map(
      ([repId, line]) => [repId, line.lastSeq] as const,
    );
    return () => {
      this.state.lastSeq = lastSeq;
      this.state.full = full;
      for (const [repId, seq] of seqs) {
        const line = this.state.ledger[repId];
        if (line) line.lastSeq = seq;
      }
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

  /** The line of a member; undefined for who is none. */
  line(repId: string) {
    if (!this.roster.members.some((member) => member.repId === repId)) return undefined;
    return (this.state.ledger[repId] ??= newLine(this.state));
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
