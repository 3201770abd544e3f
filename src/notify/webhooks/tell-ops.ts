import { appendCommit, insertEvents } from "../../record/events.ts";
import { destinationTroubleEvent } from "../../record/delivery-events.ts";
import type { Deps } from "../../ports/deps.ts";
import { tellOnce } from "../slack/tell-once.ts";
import { rows, transaction } from "../../lib/query.ts";
import { troubleMessage } from "./trouble-message.ts";
import { markTold, untoldTroubles, type Trouble } from "./troubles.ts";

/** Troubles in one message: each has a line of its whole cause then. */
const TROUBLE_LIMIT = 10;

/** Tells ops of destinations in trouble: once for each trouble, however many leads wait for it. */
export async function tellOfDestinations(deps: Deps): Promise<void> {
  const troubles = await rows(deps.db, untoldTroubles(TROUBLE_LIMIT));
  if (troubles.length === 0) return;
  const untold = {
    event: "destination_trouble_not_told",
    detail: { troubles: troubles.length },
  };
  await tellOnce(deps, { message: troubleMessage(troubles), untold }, (cause) =>
    record(deps, troubles, cause),
  );
}

/** @param untold why ops could not be told; null = they were */
async function record(
  deps: Deps,
  troubles: readonly Trouble[],
  untold: string | null,
): Promise<void> {
  const now = deps.now();
  const events = troubles.map(({ destination, kind, cause, since }) =>
    destinationTroubleEvent(deps.newId(), destination, now, {
      trouble: kind,
      cause,
      since,
      untold,
    }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    markTold(troubles, now),
  ]);
}
