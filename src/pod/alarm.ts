/** Claims are settled against D1 this long after they were drawn: by then their pass has committed. */
const SETTLE_AFTER_MS = 30_000;
/** What stays held, or in line, is looked at again at this pace; the sweep re-routes the lead of such a claim meanwhile. */
const LOOK_AGAIN_MS = 60_000;
/** The soonest the alarm is set: what is due now is due a moment later as well, and clocks differ a little. */
const SOONEST_MS = 1000;

/**
 * The one alarm a pod has, as it is set. It is only ever moved to an earlier instant: whatever was wanted later is looked
 * at by the run that comes sooner. Writes nothing itself, because the alarm is set in the same write as what it is for.
 */
export class Alarm {
  /** What it is set for, in milliseconds since the epoch; null = not set. */
  #at: number | null;

  constructor(at: number | null) {
    this.#at = at;
  }

  /** The instant as it is to be written, when the alarm is not set for it or sooner already; else null. */
  sooner(at: number): number | null {
    return at === Infinity || (this.#at !== null && this.#at <= at) ? null : at;
  }

  /** It was written. */
  noteSet(at: number): void {
    this.#at = at;
  }

  /** It went off. */
  noteRun(): void {
    this.#at = null;
  }
}

/** When the claims just drawn are to be settled, or the line may move by itself; `Infinity` = neither. */
export function nextLook(now: number, drew: boolean, lineMoves: number | null): number {
  const settles = drew ? now + SETTLE_AFTER_MS : Infinity;
  return Math.max(Math.min(lineMoves ?? Infinity, settles), now + SOONEST_MS);
}

/** When the alarm runs again while anything is held or in line; at once when a run could not look at it all. */
export function lookAgain(now: number, lookedAtAll: boolean): number {
  return now + (lookedAtAll ? LOOK_AGAIN_MS : SOONEST_MS);
}
