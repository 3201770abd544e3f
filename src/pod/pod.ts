import type { PodDecision } from "../record/pod-decisions.ts";
import type { Pod } from "../rules/pod.ts";
import { type DecisionKey, sameKey } from "../record/decision-key.ts";
import type { Roster } from "../ports/roster.ts";
import type {
  ClaimAnswer,
  ClaimRequest,
  ClaimResult,
  ClaimWanted,
  Debit,
  PodSnapshot,
  PreviewRequest,
} from "../ports/pod.ts";
import {
  type Claim,
  type Evidence,
  type HeldClaim,
  HeldClaims,
  isFinished,
  release,
  repeat,
  settle,
} from "./claims.ts";
import { draw, enterDebit, takeSnapshot } from "./draw.ts";
import { adoptRecount, beginRecount, claimOf, countDecision, type Recount } from "./recount.ts";
import { adoptRoster, emptyState, forgetOldDays, type PodNow, type PodState } from "./state.ts";
import {
  type ClaimRow,
  ClaimRows,
  packRows,
  type PodChange,
  type PodStorage,
  readOnly,
} from "./storage.ts";
import { callOverdue, drawForWaiting, nextMove, startWaiting, stopWaiting } from "./waiting.ts";

/** Clocks of machines differ by seconds. One that is a day ahead was wrong, and believing it would stop the pod until then. */
const WILD_CLOCK_MS = 24 * 60 * 60 * 1000;
/** Claims, and waiting leads, that D1 is asked about at once: a query of bounded size. */
const LOOK_LIMIT = 500;
/** So often a run of the alarm asks D1, the next run a second later: 2,000 claims a second, more than one D1 commits. */
const LOOKS_PER_RUN = 4;

/** Claims are settled against D1 this long after they were drawn: by then their pass has committed. */
const SETTLE_AFTER_MS = 30_000;
/** What stays held, or waiting, is looked at again at this pace; the sweep re-routes the lead of such a claim meanwhile. */
const LOOK_AGAIN_MS = 60_000;
/** The soonest the alarm is set: what is due now is due a moment later as well, and clocks differ a little. */
const SOONEST_MS = 1000;

/** What D1, the primary, says of a pod's claims, and of the leads that wait in it. */
export interface Found {
  /** By number of the claim. */
  readonly claims: ReadonlyMap<number, Evidence>;
  /** Leads that need not wait any longer: decided, or gone. */
  readonly over: readonly DecisionKey[];
}

/** Asks D1; a claim's lead that is undecided is put on `pending` in the same transaction. */
export type FindEvidence = (
  podId: string,
  claims: readonly HeldClaim[],
  waiting: readonly DecisionKey[],
) => Promise<Found>;

/**
 * A pod: whose turn it is, and how much capacity is left. A thin shell over pure functions. Every step
 * reads, decides and writes with no await in between, so that steps never interleave.
 */
export class PodCore {
  readonly #storage: PodStorage;
  readonly #definition: Pod;
  readonly #now: () => number;
  readonly #findEvidence: FindEvidence;
  #held: HeldClaims;
  #state: PodState;
  #roster: Roster;
  /** What the one alarm is set for, in milliseconds since the epoch; null = not set. */
  #alarmAt: number | null;
  /** The alarm looks at held claims page by page: number of the last one looked at, 0 = it begins again. */
  #lookedUpTo = 0;
  /** Leads whose pass is to be called: see `takeCalled`. */
  #called: DecisionKey[] = [];

  /** @param held an index of the claims held in `storage`; without one it is made from them */
  constructor(
    definition: Pod,
    storage: PodStorage,
    now: () => number,
    findEvidence: FindEvidence,
    alarmAt: number | null,
    held?: HeldClaims,
  ) {
    this.#definition = definition;
    this.#storage = storage;
    this.#now = now;
    this.#findEvidence = findEvidence;
    this.#alarmAt = alarmAt;
    // A state written by an earlier version lacks what this one has added.
    this.#state = { ...emptyState(), ...storage.readState() };
    this.#roster = storage.readRoster() ?? { podId: definition.id, version: 0, members: [] };
    this.#held = held ?? new HeldClaims();
    if (held) return;
    for (const { claims } of storage.rowsFrom(this.#state.unsettledFrom)) this.#held.note(claims);
  }

  /** The epoch of D1 whose decisions the pod counts. */
  get epoch(): number {
    return this.#state.epoch;
  }

  /** Leads that wait. */
  get waiting(): readonly DecisionKey[] {
    return this.#state.waiting;
  }

  /** Begins to count again from the decisions: see rebuild.ts. */
  beginRecount(): Recount {
    this.#storage.beginAside();
    return beginRecount(this.#state);
  }

  /** Counts some decisions of the pod. Changes `recount`. */
  count(recount: Recount, decisions: readonly PodDecision[]): void {
    for (const decision of decisions)
      countDecision(recount, decision, (seq) => this.#held.has(seq));
    this.#storage.setAside(decisions.filter(({ open }) => open === 1).map(claimOf));
  }

  /** Goes by what was counted from now on, in an epoch of which the pod has drawn nothing yet. */
  adoptRecount(
    recount: Recount,
    { roster, over }: { readonly roster: Roster; readonly over: readonly DecisionKey[] },
    epoch: number,
  ): void {
    const rosters = { before: this.#roster, after: roster };
    this.#step(({ state }) => {
      adoptRecount(state, recount, this.#heldInFull(), rosters, epoch);
      for (const key of over) stopWaiting(state, key);
      return { roster, replaced: true };
    });
    this.#held = new HeldClaims();
    this.#lookedUpTo = 0;
  }

  /** Draws a rep for each lead. Waiting leads come first; an existing claim is repeated as it was. */
  claim({ version, wanted, full }: ClaimRequest): ClaimAnswer {
    if (this.#roster.version < version) return { outcome: "behind", version: this.#roster.version };
    let results: readonly ClaimResult[] = [];
    this.#step((pod) => {
      const { state } = pod;
      for (const { repId, day } of full) state.full[repId] = day;
      const drawn = drawForWaiting(pod);
      const justDrawn = new HeldClaims();
      justDrawn.note(drawn);
      const rows = new ClaimRows(this.#storage);
      const before = state.waiting.length;
      results = wanted.map((lead): ClaimResult => {
        const known = this.#held.claimFor(lead, state.full);
        const fresh = known ? undefined : justDrawn.claimFor(lead, state.full);
        const claim = known ? rows.claim(known.seq) : drawn.find(({ seq }) => seq === fresh?.seq);
        return claim?.draw ? repeat(claim, claim.draw) : drawOrWait(lead, pod, drawn);
      });
      this.#call(drawn.filter((claim) => !wanted.some((lead) => sameKey(claim, lead))));
      if (drawn.length === 0 && full.length === 0 && state.waiting.length === before) return null;
      forgetOldDays(state);
      return this.#moved(pod, packRows(drawn), drawn.length > 0);
    });
    return { outcome: "drawn", results };
  }

  /** Takes a roster over, unless the one held is newer. Answers the version held. */
  accept(roster: Roster): number {
    if (roster.version > this.#roster.version) {
      this.#step(({ state }) => {
        adoptRoster(state, this.#roster, roster);
        return { roster };
      });
      this.#moveWaiting();
    }
    return this.#roster.version;
  }

  giveBack(seqs: readonly number[]): void {
    this.#move(seqs, (claim, state) => settle(claim, "names_another", state, this.#roster));
    this.#moveWaiting();
  }

  release(seqs: readonly number[]): void {
    this.#move(seqs, release);
    this.#moveWaiting();
  }

  /** Debits members for leads they got past the rotation, once per decision. */
  debit(debits: readonly Debit[]): void {
    const fresh = debits.filter((key) => !this.#storage.wasDebited(key));
    if (fresh.length === 0) return;
    this.#step((pod) => {
      for (const { repId } of fresh) enterDebit(repId, pod);
      return { debited: fresh };
    });
  }

  /**
   * The alarm: settles what the pod holds against what D1 decided, draws for waiting leads, and sets itself again while
   * there is anything to look at. Moves claims only on evidence; one without a decision stays held, however old it is.
   */
  async settleHeld(): Promise<void> {
    this.#alarmAt = null;
    let { more, over } = await this.#settlePage(this.#state.waiting.slice(0, LOOK_LIMIT));
    this.#moveWaiting(over);
    let looks = 1;
    for (; more && looks < LOOKS_PER_RUN; looks++) ({ more } = await this.#settlePage([]));
    if (looks > 1) this.#moveWaiting();
    if (this.#held.size > 0 || this.#state.waiting.length > 0)
      this.#arm(more ? SOONEST_MS : LOOK_AGAIN_MS);
  }

  /** Sets the alarm again after it failed. */
  rearm(): void {
    this.#arm(LOOK_AGAIN_MS);
  }

  /**
   * Leads that waited and whose pass is to be called: somebody was drawn for them, or their wait is over. A call that gets
   * lost is made good by the alarm and the sweep.
   */
  takeCalled(): DecisionKey[] {
    return this.#called.splice(0);
  }

  /** Answers claims as they would be answered, by a pod of the same state that keeps nothing. */
  preview({ claims, at, roster }: PreviewRequest): ClaimAnswer[] {
    const now = at ?? this.#tick();
    const copy = new PodCore(
      this.#definition,
      readOnly(this.#storage, roster),
      () => now,
      this.#findEvidence,
      null,
      this.#held.copy(),
    );
    if (roster) copy.accept(roster);
    return claims.map((request) => copy.claim(request));
  }

  snapshot(): PodSnapshot {
    return takeSnapshot(this.#definition.id, this.#at(this.#state), this.#held.size);
  }

  /** The pod's clock: it never runs backwards, unless it had run wild. */
  #tick(): number {
    const now = this.#now();
    return this.#state.clock - now > WILD_CLOCK_MS ? now : Math.max(this.#state.clock, now);
  }

  /** Draws for waiting leads and calls those whose wait is over; `over` need not wait any longer. */
  #moveWaiting(over: readonly DecisionKey[] = []): void {
    if (this.#state.waiting.length === 0) return;
    this.#step((pod) => {
      for (const key of over) stopWaiting(pod.state, key);
      const drawn = drawForWaiting(pod);
      this.#call([...drawn, ...callOverdue(pod)]);
      return this.#moved(pod, packRows(drawn), drawn.length > 0);
    });
  }

  #call(keys: readonly DecisionKey[]): void {
    this.#called.push(...keys.map(({ leadId, generation }) => ({ leadId, generation })));
  }

  /** Moves claims, kept or held, and writes what changed. */
  #move(seqs: readonly number[], move: (claim: Claim, state: PodState) => Claim): void {
    if (seqs.length === 0) return;
    this.#step((pod) => {
      const rows = new ClaimRows(this.#storage);
      for (const seq of seqs) rows.move(seq, (claim) => move(claim, pod.state));
      const changed = rows.changed();
      return changed.length === 0 ? null : this.#moved(pod, changed);
    });
  }

  /** Settles the next of the held claims. Answers whether there may be more, and which waiting leads are `Found.over`. */
  async #settlePage(
    waiting: readonly DecisionKey[],
  ): Promise<{ readonly more: boolean; readonly over: readonly DecisionKey[] }> {
    const claims = this.#held.after(this.#lookedUpTo, LOOK_LIMIT);
    const more = claims.length === LOOK_LIMIT;
    this.#lookedUpTo = more ? (claims.at(-1)?.seq ?? 0) : 0;
    const found = await this.#findEvidence(this.#definition.id, claims, waiting);
    const known = [...found.claims].filter(([, evidence]) => evidence !== "undecided");
    // Other requests came in during the await: only claims still held are moved, by what they are now.
    this.#move(
      known.map(([seq]) => seq),
      (claim, state) =>
        settle(claim, found.claims.get(claim.seq) ?? "undecided", state, this.#roster),
    );
    return { more, over: found.over };
  }

  /** The held claims as they are stored, one row after the other. */
  *#heldInFull(): Generator<Claim> {
    for (const { claims } of this.#storage.rowsFrom(this.#state.unsettledFrom))
      yield* claims.filter(({ state }) => state === "held");
  }

  /** One step: `change` changes a copy of the state, which is written with what it answers; null = nothing changed. */
  #step(change: (pod: PodNow) => PodChange | null): void {
    const pod = this.#at(structuredClone(this.#state));
    const changed = change(pod);
    if (changed !== null) this.#write({ state: pod.state, ...changed });
  }

  #at(state: PodState): PodNow {
    const { settings } = this.#definition;
    return { state, roster: this.#roster, settings, now: this.#tick() };
  }

  /** What is written where claims or waiting leads moved: the rows, and the alarm where it is to come sooner. Changes the pod's state. */
  #moved(pod: PodNow, rows: readonly ClaimRow[], drew = false): PodChange {
    const { state, now } = pod;
    for (const row of rows) this.#held.note(row.claims);
    state.clock = now;
    state.unsettledFrom = Math.min(state.lastSeq + 1, this.#held.lowest());
    const settles = drew ? now + SETTLE_AFTER_MS : Infinity;
    const moves = nextMove(pod) ?? Infinity;
    return {
      rows: rows.filter((row) => !row.claims.every(isFinished)),
      finished: rows.filter((row) => row.claims.every(isFinished)).map((row) => row.firstSeq),
      ...this.#sooner(Math.max(Math.min(moves, settles), now + SOONEST_MS)),
    };
  }

  /** Sets the alarm for when anything held or waiting is looked at again. */
  #arm(after: number): void {
    const alarm = this.#sooner(this.#now() + after);
    if (alarm.alarmAt !== undefined) this.#write(alarm);
  }

  /**
   * The alarm, if it is not set for this instant or sooner already: it is only ever moved to an earlier one, because what
   * was wanted later is looked at by the run that comes sooner. It is set in the same write as what it is for.
   */
  #sooner(alarmAt: number): Pick<PodChange, "alarmAt"> {
    const isSet = this.#alarmAt !== null && this.#alarmAt <= alarmAt;
    return isSet || alarmAt === Infinity ? {} : { alarmAt };
  }

  #write(change: PodChange): void {
    this.#storage.write(change);
    this.#state = change.state ?? this.#state;
    this.#roster = change.roster ?? this.#roster;
    this.#alarmAt = change.alarmAt ?? this.#alarmAt;
  }
}

/** Draws for one lead; where nobody is eligible it waits, if the pod does. Changes the pod's state and `drawn`. */
function drawOrWait(lead: ClaimWanted, pod: PodNow, drawn: Claim[]): ClaimResult {
  const { result, claim } = draw(lead, pod);
  if (claim) {
    drawn.push(claim);
    stopWaiting(pod.state, lead);
    return result;
  }
  const place = startWaiting(lead, pod);
  const until = pod.state.waiting[place]?.until;
  if (until === undefined || until <= pod.now) return result;
  return { ...result, outcome: "waiting", place: place + 1, until };
}
