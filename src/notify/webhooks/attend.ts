import type { DecisionKey } from "../../record/decision-key.ts";
import type { Deps } from "../../ports/deps.ts";
import { transaction } from "../../lib/query.ts";
import { announcedTo, findObjection, isOpen, type Announced } from "./announced.ts";
import { finishDeliveries, putOff } from "./deliveries.ts";
import type { Destination } from "../../rules/destination.ts";
import { openFrom } from "./pause.ts";
import { receiverOf } from "./receiver.ts";
import { recordSkipped, recordWave } from "./record-wave.ts";
import { sendWave } from "./send-wave.ts";
import { raiseTrouble, troublesOf } from "./troubles.ts";

/** Deliveries that are recorded together: a crash, or a lost answer, sends at most so many twice. */
const WAVE = 20;
/**
 * How long one message is worked on before the rest of it goes onto the list, in milliseconds: from there each destination is
 * handed on by itself, so that the slow one's backlog is nobody else's.
 */
const PATIENCE_MS = 20_000;
/** How long a destination is left alone whose URL or secrets cannot be used, in milliseconds. */
const UNUSABLE_MS = 5 * 60_000;

/**
 * Tells a destination of these decisions: looks which still need telling, posts, records. At least once, under an id by which
 * the receiver knows what it has seen. What cannot be told now is on the list when this resolves; rejects when that is not known.
 */
export async function attend(
  deps: Deps,
  destination: Destination,
  keys: readonly DecisionKey[],
): Promise<void> {
  const { key } = destination;
  const [announced, troubles] = await transaction(deps.db, [
    announcedTo(key, keys),
    troublesOf(key),
  ]);
  const open = await sift(deps, destination, announced.filter(isOpen));
  if (open.length === 0) return;

  const startedAt = deps.now();
  const openAt = openFrom(troubles, startedAt);
  if (openAt === null || openAt > startedAt)
    return await hold(deps, key, open, openAt ?? startedAt);
  const receiver = receiverOf(deps, destination);
  if (typeof receiver === "string") {
    const until = startedAt + UNUSABLE_MS;
    deps.log("error", "destination_unusable", { destination: key, cause: receiver });
    await transaction(deps.db, [
      raiseTrouble(key, "unusable", receiver, until, startedAt),
      putOff(key, open, until, startedAt),
    ]);
    return;
  }

  // After trouble one asks alone whether it is over.
  let size = troubles.some(({ kind }) => kind === "away" || kind === "unusable") ? 1 : WAVE;
  let known = troubles;
  while (open.length > 0) {
    const attempts = await sendWave(deps, key, receiver, open.slice(0, size));
    const until = await recordWave(deps, key, attempts, known);
    const sent = new Set(attempts.map(({ one }) => one));
    open.splice(0, open.length, ...open.filter((one) => !sent.has(one)));
    if (until !== null) return await hold(deps, key, open, until);
    if (deps.now() - startedAt >= PATIENCE_MS) return await hold(deps, key, open, deps.now());
    known = [];
    size = WAVE;
  }
}

/** Those that the destination is to be told of; the others are taken off the list. */
async function sift(
  deps: Deps,
  { key, events }: Destination,
  waiting: readonly Announced[],
): Promise<Announced[]> {
  const [heard, unheard] = [true, false].map((wanted) =>
    waiting.filter(({ type }) => events.includes(type) === wanted),
  );
  // It listened once: rules.ts has changed since.
  if (unheard !== undefined && unheard.length > 0)
    await transaction(deps.db, [finishDeliveries(key, unheard)]);
  const judged = (heard ?? []).map((one) => ({ one, reason: findObjection(one) }));
  await recordSkipped(
    deps,
    key,
    judged.flatMap(({ one, reason }) => (reason === null ? [] : [{ one, reason }])),
  );
  return judged.flatMap(({ one, reason }) => (reason === null ? [one] : []));
}

async function hold(
  deps: Deps,
  destination: string,
  open: readonly Announced[],
  until: number,
): Promise<void> {
  if (open.length > 0) await transaction(deps.db, [putOff(destination, open, until, deps.now())]);
}
