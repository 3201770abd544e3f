import { type DecisionKey, keyOf } from "../../src/record/decision-key.ts";
import type { Roster } from "../../src/ports/roster.ts";
import type { Claim } from "../../src/pod/claims.ts";
import type { PodState } from "../../src/pod/state.ts";
import type { ClaimRow, PodChange, PodStorage } from "../../src/pod/storage.ts";

/** A pod's storage that outlives the pod: everything is kept as JSON, as the real one keeps it. */
export class MemoryPodStorage implements PodStorage {
  #state: string | null = null;
  #roster: string | null = null;
  #rows = new Map<number, string>();
  #aside = new Map<number, string>();
  /** Decisions whose debit was entered: "lead/generation". */
  readonly debits = new Set<string>();
  /** Instant of the alarm that is set, in milliseconds; null = none. */
  alarmAt: number | null = null;

  readState(): PodState | null {
    return this.#state === null ? null : (JSON.parse(this.#state) as PodState);
  }

  readRoster(): Roster | null {
    return this.#roster === null ? null : (JSON.parse(this.#roster) as Roster);
  }

  rowsFrom(firstSeq: number): ClaimRow[] {
    return this.#all().filter(
      ({ firstSeq: first, claims }) =>
        first >= firstSeq || claims.some(({ seq }) => seq >= firstSeq),
    );
  }

  rowOf(seq: number): ClaimRow | null {
    const before = [...this.#rows.keys()].filter((firstSeq) => firstSeq <= seq);
    const text = this.#rows.get(before.reduce((last, next) => Math.max(last, next), 0));
    const row = text === undefined ? null : (JSON.parse(text) as ClaimRow);
    return row?.claims.some((claim) => claim.seq === seq) ? row : null;
  }

  wasDebited(key: DecisionKey): boolean {
    return this.debits.has(keyOf(key));
  }

  beginAside(): void {
    this.#aside = new Map();
  }

  setAside(claims: readonly Claim[]): void {
    for (const claim of claims)
      this.#aside.set(claim.seq, JSON.stringify({ firstSeq: claim.seq, claims: [claim] }));
  }

  write({
    state,
    roster,
    replaced,
    rows = [],
    finished = [],
    debited = [],
    alarmAt,
  }: PodChange): void {
    if (replaced) [this.#rows, this.#aside] = [this.#aside, new Map()];
    for (const key of debited) this.debits.add(keyOf(key));
    if (state) this.#state = JSON.stringify(state);
    if (roster) this.#roster = JSON.stringify(roster);
    for (const { firstSeq, claims } of rows)
      this.#rows.set(firstSeq, JSON.stringify({ firstSeq, claims }));
    for (const firstSeq of finished) this.#rows.delete(firstSeq);
    if (alarmAt !== undefined) this.alarmAt = alarmAt;
  }

  #all(): ClaimRow[] {
    return [...this.#rows.values()].map((row) => JSON.parse(row) as ClaimRow);
  }
}
