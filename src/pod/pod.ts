import type { Pod as PodDefinition } from "../chain/pod.ts";
import type { Roster } from "../roster/roster.ts";
import { draw, repeat, type Claim } from "./claim.ts";
import { judge } from "./eligibility.ts";
import { takeTurn, UNITS_PER_LEAD } from "./ledger.ts";
import type { ClaimAnswer, ClaimRequest, ClaimResult } from "./port.ts";
import { isFinished, release, settle, type Evidence } from "./settle.ts";
import type { PodSnapshot } from "./snapshot.ts";
import { adoptRoster, emptyState, forgetOldDays, type PodState } from "./state.ts";
import { packRows, type ClaimRow, type PodStorage } from "./storage.ts";

/** A claim is settled against D1 this long after it was drawn: by then its pass has committed. */
const SETTLE_AFTER_MS = 30_000;
/** A claim without a decision is looked at again at this pace; the sweep re-routes its lead meanwhile. */
const LOOK_AGAIN_MS = 60_000;
/** Claims looked at per run of the alarm: one D1 query of bounded size. */
const SETTLE_LIMIT = 500;

/** Asks D1, the primary, what became of these claims; an undecided lead is put on `pending` in the same transaction. */
export type FindEvidence = (
  podId: string,
  claims: readonly Claim[],
) => Promise<Map<number, Evidence>>;

/**
 * A pod: whose turn it is, and how much capacity is left. A thin shell over pure functions. Every step
 * reads, decides and writes with no await in between, so that steps never interleave.
 */
export class PodCore {
  readonly #storage: PodStorage;
  readonly #definition: PodDefinition;
  readonly #now: () => number;
  readonly #findEvidence: FindEvidence;
  #state: PodState;
  #roster: Roster;
  /** Held claims by number, and their numbers by decision: a cache of what the rows say. */
  readonly #held = new Map<number, Claim>();
  readonly #heldFor = new Map<string, Set<number>>();
  #alarmArmed: boolean;

  constructor(
    definition: PodDefinition,
    storage: PodStorage,
    now: () => number,
    findEvidence: FindEvidence,
    alarmArmed: boolean,
  ) {
    this.#definition = definition;
    this.#storage = storage;
    this.#now = now;
    this.#findEvidence = findEvidence;
    this.#alarmArmed = alarmArmed;
    this.#state = storage.readState() ?? emptyState();
    this.#roster = storage.readRoster() ?? { podId: definition.id, version: 0, members: [] };
    for (const row of storage.rowsFrom(this.#state.unsettledFrom)) this.#remember(row.claims);
  }

  claim({ version, wanted, full }: ClaimRequest): ClaimAnswer {
    if (this.#roster.version < version) return { outcome: "behind", version: this.#roster.version };
    const now = this.#tick();
    const state = structuredClone(this.#state);
    for (const { repId, day } of full) state.full[repId] = day;

    const drawn: Claim[] = [];
    const results = wanted.map((lead): ClaimResult => {
      const standing = this.#standingClaim(lead.leadId, lead.generation, lead.excluded);
      if (standing) return repeat(standing);
      const { result, claim } = draw(lead, state, this.#roster, this.#definition.settings, now);
      if (claim) drawn.push(claim);
      return result;
    });
    if (drawn.length > 0) {
      forgetOldDays(state);
      this.#write(state, packRows(drawn), { alarmAt: now + SETTLE_AFTER_MS });
    } else if (full.length > 0) {
      this.#write(state);
    }
    return { outcome: "drawn", results };
  }

  accept(roster: Roster): number {
    if (roster.version > this.#roster.version) {
      const state = adoptRoster(this.#state, this.#roster, roster);
      this.#storage.write({ state, roster });
      this.#state = state;
      this.#roster = roster;
    }
    return this.#roster.version;
  }

  giveBack(seqs: readonly number[]): void {
    this.#move(seqs, (claim, state) => settle(claim, "names_another", state, this.#roster));
  }

  release(seqs: readonly number[]): void {
    this.#move(seqs, release);
  }

  /**
   * The alarm: settles what the pod holds against what D1 decided, and re-arms itself while anything is held.
   * Moves claims only on evidence; a claim without a decision stays held, however old it is.
   */
  async settleHeld(): Promise<void> {
    this.#alarmArmed = false;
    const claims = [...this.#held.values()].slice(0, SETTLE_LIMIT);
    const evidence = await this.#findEvidence(this.#definition.id, claims);
    // Other requests came in during the await: only claims still held are moved, by what they are now.
    this.#move([...evidence.keys()], (claim, state) =>
      settle(claim, evidence.get(claim.seq) ?? "undecided", state, this.#roster),
    );
    if (this.#held.size > 0 && !this.#alarmArmed)
      this.rearm(claims.length < this.#held.size ? 0 : LOOK_AGAIN_MS);
  }

  /** Sets the alarm this many milliseconds from now. */
  rearm(delay = LOOK_AGAIN_MS): void {
    this.#storage.write({ alarmAt: this.#now() + delay });
    this.#alarmArmed = true;
  }

  snapshot(): PodSnapshot {
    const now = Math.max(this.#state.clock, this.#now());
    const { settings } = this.#definition;
    const members = this.#roster.members.map((member) => {
      const line = this.#state.ledger[member.repId];
      const received = line?.received ?? 0;
      return {
        ...judge(member, this.#state, settings, {}, now),
        open: this.#state.open[member.repId] ?? 0,
        openCap: member.openCap ?? settings.openCap ?? null,
        received,
        expected: received + (line?.balance ?? 0) / UNITS_PER_LEAD,
      };
    });
    const seats = members
      .filter(({ eligibility }) => eligibility === "eligible")
      .map((member) => ({ ...member, lastSeq: this.#state.ledger[member.repId]?.lastSeq ?? 0 }));
    return {
      version: this.#roster.version,
      at: now,
      next: takeTurn(seats)?.picked ?? null,
      members,
      standing: this.#state.standing,
      held: this.#held.size,
    };
  }

  /** The pod's clock: it never runs backwards. */
  #tick(): number {
    return Math.max(this.#state.clock, this.#now());
  }

  /** An unreturned claim of this decision whose rep may still get the lead. */
  #standingClaim(leadId: string, generation: number, excluded: Readonly<Record<string, string>>) {
    for (const seq of this.#heldFor.get(decisionKey(leadId, generation)) ?? []) {
      const claim = this.#held.get(seq);
      if (claim?.draw && excluded[claim.repId] === undefined) return { ...claim, draw: claim.draw };
    }
    return null;
  }

  /** Moves claims, kept or held, and writes what changed. */
  #move(seqs: readonly number[], step: (claim: Claim, state: PodState) => Claim): void {
    const state = structuredClone(this.#state);
    const changed = new Map<number, ClaimRow>();
    for (const seq of seqs) {
      const known = [...changed.values()].find((row) =>
        row.claims.some((claim) => claim.seq === seq),
      );
      const row = known ?? this.#storage.rowOf(seq);
      if (!row) continue;
      const claims = row.claims.map((claim) => (claim.seq === seq ? step(claim, state) : claim));
      if (claims.some((claim, at) => claim !== row.claims[at]))
        changed.set(row.firstSeq, { ...row, claims });
    }
    if (changed.size > 0) this.#write(state, [...changed.values()]);
  }

  #write(
    state: PodState,
    rows: readonly ClaimRow[] = [],
    { alarmAt }: { alarmAt?: number } = {},
  ): void {
    for (const row of rows) this.#remember(row.claims);
    state.clock = this.#tick();
    state.unsettledFrom = Math.min(state.lastSeq + 1, ...this.#held.keys());
    const arm = alarmAt !== undefined && !this.#alarmArmed;
    this.#storage.write({
      state,
      rows: rows.filter((row) => !row.claims.every(isFinished)),
      finished: rows.filter((row) => row.claims.every(isFinished)).map((row) => row.firstSeq),
      ...(arm && { alarmAt }),
    });
    this.#state = state;
    if (arm) this.#alarmArmed = true;
  }

  #remember(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const key = decisionKey(claim.leadId, claim.generation);
      const seqs = this.#heldFor.get(key) ?? new Set();
      if (claim.state === "held") {
        this.#held.set(claim.seq, claim);
        this.#heldFor.set(key, seqs.add(claim.seq));
      } else {
        this.#held.delete(claim.seq);
        seqs.delete(claim.seq);
        if (seqs.size === 0) this.#heldFor.delete(key);
      }
    }
  }
}

function decisionKey(leadId: string, generation: number): string {
  return `${leadId}/${generation}`;
}
