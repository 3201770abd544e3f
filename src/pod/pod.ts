import { explainNobody } from "../chain/explain.ts";
import type { Pod as PodDefinition } from "../chain/pod.ts";
import type { DecisionKey } from "../deps.ts";
import type { Roster } from "../roster/roster.ts";
import { draw, repeat, type Claim } from "./claim.ts";
import { enterDebit } from "./debit.ts";
import { judge } from "./eligibility.ts";
import { HeldClaims } from "./held-claims.ts";
import { takeTurn, UNITS_PER_LEAD } from "./ledger.ts";
import type { ClaimAnswer, ClaimRequest, ClaimResult, ClaimWanted, Debit } from "./port.ts";
import { isFinished, release, settle, type Evidence } from "./settle.ts";
import type { PodSnapshot } from "./snapshot.ts";
import { adoptRoster, emptyState, forgetOldDays, type PodState } from "./state.ts";
import { packRows, type ClaimRow, type PodStorage } from "./storage.ts";
import { callOverdue, drainLine, leaveLine, nextMove, standInLine } from "./waiting.ts";

/** A claim is settled against D1 this long after it was drawn: by then its pass has committed. */
const SETTLE_AFTER_MS = 30_000;
/** A claim without a decision is looked at again at this pace; the sweep re-routes its lead meanwhile. */
const LOOK_AGAIN_MS = 60_000;
/** The soonest the alarm is set: what is due now is due a moment later as well, and clocks differ a little. */
const SOONEST_MS = 1000;
/** Claims, and leads in line, looked at per run of the alarm: D1 queries of bounded size. */
const LOOK_LIMIT = 500;

/** What D1, the primary, says of a pod's claims, and of the leads in its line. */
export interface Found {
  /** By number of the claim. */
  readonly claims: ReadonlyMap<number, Evidence>;
  /** Leads that need not wait any longer: decided, or gone. */
  readonly over: readonly DecisionKey[];
}

/** Asks D1; a claim's lead that is undecided is put on `pending` in the same transaction. */
export type FindEvidence = (
  podId: string,
  claims: readonly Claim[],
  waiting: readonly DecisionKey[],
) => Promise<Found>;

/**
 * A pod: whose turn it is, and how much capacity is left. A thin shell over pure functions. Every step
 * reads, decides and writes with no await in between, so that steps never interleave.
 */
export class PodCore {
  readonly #storage: PodStorage;
  readonly #definition: PodDefinition;
  readonly #now: () => number;
  readonly #findEvidence: FindEvidence;
  readonly #held = new HeldClaims();
  #state: PodState;
  #roster: Roster;
  /** When the alarm is set for; null = not. */
  #alarmAt: number | null;
  /** Leads whose pass is to be called: see `takeCalled`. */
  #called: DecisionKey[] = [];

  constructor(
    definition: PodDefinition,
    storage: PodStorage,
    now: () => number,
    findEvidence: FindEvidence,
    alarmAt: number | null,
  ) {
    this.#definition = definition;
    this.#storage = storage;
    this.#now = now;
    this.#findEvidence = findEvidence;
    this.#alarmAt = alarmAt;
    this.#state = storage.readState() ?? emptyState();
    this.#roster = storage.readRoster() ?? { podId: definition.id, version: 0, members: [] };
    for (const row of storage.rowsFrom(this.#state.unsettledFrom)) this.#held.note(row.claims);
  }

  /** Draws a rep for each lead. Who waits in line comes first; a claim that stands is repeated as it was. */
  claim({ version, wanted, full }: ClaimRequest): ClaimAnswer {
    if (this.#roster.version < version) return { outcome: "behind", version: this.#roster.version };
    const now = this.#tick();
    const state = structuredClone(this.#state);
    for (const { repId, day } of full) state.full[repId] = day;

    const drawn = drainLine(state, this.#roster, this.#definition.settings, now);
    const fromLine = new HeldClaims();
    fromLine.note(drawn);
    const before = state.waiting.length;
    const results = wanted.map((lead): ClaimResult => {
      const standing = this.#held.standing(lead) ?? fromLine.standing(lead);
      return standing ? repeat(standing) : this.#draw(lead, state, drawn, now);
    });
    this.#call(drawn.filter((claim) => !wanted.some((lead) => isFor(claim, lead))));
    if (drawn.length > 0 || full.length > 0 || state.waiting.length !== before) {
      forgetOldDays(state);
      this.#write(state, packRows(drawn), drawn.length > 0);
    }
    return { outcome: "drawn", results };
  }

  /** Takes a roster over, unless the one held is newer. Answers the version held. */
  accept(roster: Roster): number {
    if (roster.version > this.#roster.version) {
      const state = adoptRoster(this.#state, this.#roster, roster);
      this.#storage.write({ state, roster });
      this.#state = state;
      this.#roster = roster;
      this.#moveLine();
    }
    return this.#roster.version;
  }

  giveBack(seqs: readonly number[]): void {
    this.#move(seqs, (claim, state) => settle(claim, "names_another", state, this.#roster));
    this.#moveLine();
  }

  release(seqs: readonly number[]): void {
    this.#move(seqs, release);
    this.#moveLine();
  }

  /** Debits members for leads they got past the rotation, once per decision. */
  debit(debits: readonly Debit[]): void {
    const fresh = debits.filter((key) => !this.#storage.wasDebited(key));
    if (fresh.length === 0) return;
    const now = this.#tick();
    const state = structuredClone(this.#state);
    for (const { repId } of fresh)
      enterDebit(repId, state, this.#roster, this.#definition.settings, now);
    this.#storage.write({ state, debited: fresh });
    this.#state = state;
  }

  /**
   * The alarm: settles what the pod holds against what D1 decided, moves the line, and re-arms itself while there is
   * anything to look at. Moves claims only on evidence; one without a decision stays held, however old it is.
   */
  async settleHeld(): Promise<void> {
    this.#alarmAt = null;
    const claims = this.#held.first(LOOK_LIMIT);
    const waiting = this.#state.waiting.slice(0, LOOK_LIMIT);
    const found = await this.#findEvidence(this.#definition.id, claims, waiting);
    // Other requests came in during the await: only claims still held are moved, by what they are now.
    this.#move([...found.claims.keys()], (claim, state) =>
      settle(claim, found.claims.get(claim.seq) ?? "undecided", state, this.#roster),
    );
    this.#moveLine(found.over);
    if (this.#held.size > 0 || this.#state.waiting.length > 0)
      this.#arm(this.#now() + (claims.length < this.#held.size ? SOONEST_MS : LOOK_AGAIN_MS));
  }

  /** Sets the alarm again after it failed. */
  rearm(): void {
    this.#arm(this.#now() + LOOK_AGAIN_MS);
  }

  /**
   * Leads from the line whose pass is to be called: somebody was drawn for them, or their wait is over. A call that gets
   * lost is made good by the alarm and the sweep.
   */
  takeCalled(): DecisionKey[] {
    return this.#called.splice(0);
  }

  snapshot(): PodSnapshot {
    const now = this.#tick();
    const { id, settings } = this.#definition;
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
    const reason = explainNobody(id, { candidates: members });
    return {
      version: this.#roster.version,
      at: now,
      next: takeTurn(seats)?.picked ?? null,
      members,
      waiting: this.#state.waiting.map(({ leadId, generation, since, until }, place) => ({
        leadId,
        generation,
        place: place + 1,
        since,
        until,
        reason,
      })),
      standing: this.#state.standing,
      held: this.#held.size,
    };
  }

  /** The pod's clock: it never runs backwards. */
  #tick(): number {
    return Math.max(this.#state.clock, this.#now());
  }

  /** Draws for one lead; where nobody is eligible it stands in line, if the pod waits. Changes `state` and `drawn`. */
  #draw(lead: ClaimWanted, state: PodState, drawn: Claim[], now: number): ClaimResult {
    const { settings } = this.#definition;
    const { result, claim } = draw(lead, state, this.#roster, settings, now);
    if (claim) {
      drawn.push(claim);
      leaveLine(state, lead);
      return result;
    }
    const place = standInLine(state, lead, settings, now);
    const until = state.waiting[place]?.until;
    if (until === undefined || until <= now) return result;
    return { ...result, outcome: "waiting", place: place + 1, until };
  }

  /** Draws for the line and calls those whose wait is over; `over` need not wait any longer. */
  #moveLine(over: readonly DecisionKey[] = []): void {
    if (this.#state.waiting.length === 0) return;
    const now = this.#tick();
    const state = structuredClone(this.#state);
    for (const key of over) leaveLine(state, key);
    const drawn = drainLine(state, this.#roster, this.#definition.settings, now);
    this.#call([...drawn, ...callOverdue(state, now)]);
    this.#write(state, packRows(drawn), drawn.length > 0);
  }

  #call(keys: readonly DecisionKey[]): void {
    this.#called.push(...keys.map(({ leadId, generation }) => ({ leadId, generation })));
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

  /** Writes a state and the rows that changed with it, and sets the alarm in the same write where it is wanted sooner. */
  #write(state: PodState, rows: readonly ClaimRow[], drew = false): void {
    for (const row of rows) this.#held.note(row.claims);
    state.clock = this.#tick();
    state.unsettledFrom = Math.min(state.lastSeq + 1, this.#held.lowest());
    const alarmAt = this.#nextAlarm(state, drew);
    const arm = alarmAt !== null && (this.#alarmAt === null || alarmAt < this.#alarmAt);
    this.#storage.write({
      state,
      rows: rows.filter((row) => !row.claims.every(isFinished)),
      finished: rows.filter((row) => row.claims.every(isFinished)).map((row) => row.firstSeq),
      ...(arm && { alarmAt }),
    });
    this.#state = state;
    if (arm) this.#alarmAt = alarmAt;
  }

  /** When the claims just drawn are to be settled, or the line may move; null = neither. */
  #nextAlarm(state: PodState, drew: boolean): number | null {
    const { settings } = this.#definition;
    const move = nextMove(state, this.#roster, settings, state.clock) ?? Infinity;
    const settles = drew ? state.clock + SETTLE_AFTER_MS : Infinity;
    const soonest = Math.min(move, settles);
    return soonest === Infinity ? null : Math.max(soonest, state.clock + SOONEST_MS);
  }

  #arm(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#storage.write({ alarmAt: at });
    this.#alarmAt = at;
  }
}

function isFor(claim: Claim, { leadId, generation }: DecisionKey): boolean {
  return claim.leadId === leadId && claim.generation === generation;
}
