import { appendCommit, insertEvents } from "../../record/events.ts";
import { deliveryEvent } from "../../record/delivery-events.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { rows, transaction } from "../../lib/query.ts";
import {
  dropFailed,
  dueDeliveries,
  failUntried,
  listedDestinations,
  outlivedDeliveries,
  putOff,
} from "./deliveries.ts";
import { LEASE_MS, messagesFor } from "./deliver.ts";
import { openFrom, TRIED_FOR_MS } from "./pause.ts";
import { tellOfDestinations } from "./tell-ops.ts";
import { allTroubles, type Trouble } from "./troubles.ts";

/** Deliveries of one destination handed over a minute: what an hour's outage at ten leads a second left is sent in another. */
const DUE_LIMIT = 1000;
/** Deliveries of one destination ended, and dropped, a minute. */
const END_LIMIT = 200;

/**
 * Hands what is due to the queue again, for each destination by itself, ends what waited for too long, and tells ops of
 * destinations in trouble. Runs beside the sweep and never rejects: what is left goes next time. Asks D1 nothing where no
 * destination is declared.
 */
export async function tendDeliveries(deps: Deps): Promise<void> {
  if (deps.destinations.length === 0) return;
  try {
    const [listed, troubles] = await transaction(deps.db, [listedDestinations(), allTroubles()]);
    for (const { destination } of listed) {
      await end(deps, destination, troubles);
      await handOver(deps, destination, troubles);
    }
    await tellOfDestinations(deps);
  } catch (error) {
    deps.log("warn", "deliveries_not_tended", { error: failureMessage(error) });
  }
}

async function handOver(
  deps: Deps,
  destination: string,
  troubles: readonly Trouble[],
): Promise<void> {
  if (!isDeclared(deps, destination)) return;
  const now = deps.now();
  const own = troubles.filter((trouble) => trouble.destination === destination);
  const openAt = openFrom(own, now);
  if (openAt === null || openAt > now) return;
  // After trouble one asks whether it is over; the others follow a minute later, and cost nothing until then.
  const limit = own.some(({ kind }) => kind !== "refused") ? 1 : DUE_LIMIT;
  const due = await rows(deps.db, dueDeliveries(destination, now, limit));
  if (due.length === 0) return;
  // Put off first, then sent: what is lost on the way comes back by itself.
  await transaction(deps.db, [putOff(destination, due, now + LEASE_MS, now)]);
  await deps.deliveries.send(messagesFor(destination, due));
}

/** Ends deliveries that waited for too long, and drops what ended long ago. */
async function end(deps: Deps, destination: string, troubles: readonly Trouble[]): Promise<void> {
  const now = deps.now();
  const declared = isDeclared(deps, destination);
  const before = declared ? now - TRIED_FOR_MS : Number.MAX_SAFE_INTEGER;
  const [outlived] = await transaction(deps.db, [
    outlivedDeliveries(destination, before, END_LIMIT),
    dropFailed(destination, now, END_LIMIT),
  ]);
  if (outlived.length === 0) return;
  const known = troubles.find((trouble) => trouble.destination === destination)?.cause;
  const cause = declared
    ? `waited for three days (${known ?? "it was never its turn"})`
    : "rules.ts declares no such destination";
  const events = outlived.map(({ tries, ...key }) =>
    deliveryEvent(deps.newId(), key, "delivery_failed", now, { destination, tries, cause }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    failUntried(destination, outlived, cause, now),
  ]);
}

function isDeclared({ destinations }: Deps, destination: string): boolean {
  return destinations.some(({ key }) => key === destination);
}
