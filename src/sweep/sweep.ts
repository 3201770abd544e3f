import { enterDebits, releaseClaims } from "../pod/index.ts";
import type { SQL } from "drizzle-orm";
import { chunk } from "../lib/chunks.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { keepUndeliveredOf } from "../notify/index.ts";
import type { Deps } from "../ports/deps.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { transaction } from "../lib/query.ts";
import { countInView, LOOK_LIMIT, lookAndMark } from "../record/marks.ts";
import { duePending, type PendingRow, postpone } from "../record/pending.ts";
import { recordStuck, STUCK_AFTER_TRIES, tellOfStuck } from "./stuck.ts";
import { stuckMarks } from "./stuck-marks.ts";

/**
 * How old a lead is before the sweep looks at it, in milliseconds: a healthy one is decided and announced by
 * then. The trigger `leads_behind_the_mark` uses the same number.
 */
export const GRACE_MS = 60_000;
/** Rows taken per sweep: far below what a sweep could do in the minute until the next one; what is left waits for that. */
const DUE_LIMIT = 500;
/** Decisions per message: as many as a batch of the queue `leads` decides, and so announces, together (wrangler.toml). */
const DECISIONS_PER_MESSAGE = 100;

/** Looks per sweep: at one sweep a minute they keep up with 80 leads a second. */
export const MAX_LOOKS = 10;

/** Whatever is stored but undecided, or decided but not announced, or to be released, goes again. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now();
  await lookAtNew(deps, now);

  const [due, untold] = await transaction(deps.db, [
    duePending(now, DUE_LIMIT),
    stuckMarks(DUE_LIMIT),
  ]);
  const stuck = due.filter(({ tries }) => tries + 1 === STUCK_AFTER_TRIES);
  if (due.length > 0) {
    deps.log("warn", "sweep_found", { rows: due.length });
    // Put off first, then sent: what is lost on the way comes back by itself.
    await transaction(deps.db, [postpone(due, now), ...recordStuck(deps, stuck, now)]);
  }
  await tellOfStuck(deps, [...untold, ...stuck.map((row) => ({ ...row, waits: 1 as const }))]);
  if (due.length === 0) return;

  const keysOf = (kind: PendingRow["kind"]) =>
    due
      .filter((row) => row.kind === kind)
      .map(({ leadId, generation }): DecisionKey => ({ leadId, generation }));
  const [route, announce] = [keysOf("route"), keysOf("notify")];
  if (route.length > 0) await deps.leads.send(route);
  if (announce.length > 0)
    await deps.notifications.send(
      chunk(announce, DECISIONS_PER_MESSAGE).map((decisions) => ({ decisions })),
    );
  await releaseClaims(deps, keysOf("release"));
  await enterDebits(deps, keysOf("debit"));
}

/** Looks at the leads that came in since the last sweep, until none is left that is old enough. */
async function lookAtNew(deps: Deps, now: number): Promise<void> {
  const { db, destinations } = deps;
  const undelivered = (leads: SQL) => keepUndeliveredOf(destinations, leads, now);
  const before = smallestLeadId(now - GRACE_MS);
  const also = destinations.length > 0 ? [undelivered] : [];
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [[seen]] = await transaction(db, [
      countInView(before),
      ...lookAndMark(before, now, also),
    ]);
    if ((seen?.count ?? 0) < LOOK_LIMIT) return;
  }
}
