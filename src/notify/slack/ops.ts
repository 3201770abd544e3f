import type { Deps } from "../../ports/deps.ts";
import { rows, transaction } from "../../lib/query.ts";
import {
  channelMarks,
  marksByName,
  setMarks,
  type ChannelMark,
  type NamedMark,
} from "./channel-marks.ts";
import { troubleMessage, untoldMessage } from "./ops-message.ts";
import { tellOps } from "./tell-ops.ts";

/** Marks of which ops have still to be told: they are new, or an earlier visit could not tell. */
export function untoldMarks(marks: ReadonlyMap<string, ChannelMark>): NamedMark[] {
  return [...marks].flatMap(([name, mark]) => (mark.told ? [] : [{ name, mark }]));
}

/**
 * Tells ops what is broken, in one message, and marks that they know: once for a channel and a cause, however many leads it
 * was to hear of. Where that fails, the next visit to Slack tells them.
 */
export async function tellOfTroubles(deps: Deps, troubles: readonly NamedMark[]): Promise<void> {
  if (troubles.length === 0) return;
  for (const { name, mark } of troubles)
    deps.log("error", "slack_broken", { channel: name, cause: mark.cause });
  const told = await tellOps(
    deps,
    troubleMessage(troubles.map(({ name, mark }) => ({ name, cause: mark.cause ?? "" }))),
  );
  // Where no channel works, the next visit asks again: one of them may have been mended.
  if (told.outcome === "again" || told.outcome === "gone") return;
  const marks = troubles.map(({ name, mark }) => ({ name, mark: { ...mark, told: true } }));
  await transaction(deps.db, [setMarks(marks)]);
}

/** How long ops are not told again that messages ran out of deliveries, in milliseconds: an outage ends many of them. */
const GIVEN_UP_MS = 60 * 60_000;
const GIVEN_UP = "dead letters";

/** Tells ops of leads whose reps will not be told any more, unless they were told of others a while ago. The audit names them all. */
export async function tellOfGivenUp(
  deps: Deps,
  leadIds: readonly string[],
  cause: string,
): Promise<void> {
  const known = marksByName(await rows(deps.db, channelMarks())).get(GIVEN_UP);
  const now = deps.now();
  if (leadIds.length === 0 || (known !== undefined && known.until > now)) return;
  const { outcome } = await tellOps(deps, untoldMessage(leadIds, cause));
  // Nobody comes back to these leads: where ops could not be told, the mark has a later visit to Slack tell them.
  const told = outcome !== "again" && outcome !== "gone";
  const mark = { cause: `nobody was told of leads: ${cause}`, told, until: now + GIVEN_UP_MS };
  await transaction(deps.db, [setMarks([{ name: GIVEN_UP, mark }])]);
}
