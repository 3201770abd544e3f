import { opsMessage } from "../slack/ops-message.ts";
import type { SlackMessage } from "../slack/slack-message.ts";
import type { Trouble, TroubleKind } from "./troubles.ts";

/** What is wrong with a destination, and what to do: reads on after its name, with the cause behind it. */
export const TROUBLE: Readonly<Record<TroubleKind, string>> = {
  away: "takes nothing just now. It is tried again by itself.",
  unusable: "cannot be sent to: its URL or its secrets are not set, or cannot be used.",
  gone: "says that it is gone. Nothing is sent there before you retry one of its deliveries.",
  refused: "refused a delivery for good.",
};

/** Tells ops of destinations in trouble. Nothing in it was sent by anybody. */
export function troubleMessage(troubles: readonly Trouble[]): SlackMessage {
  const [first] = troubles;
  const title =
    troubles.length === 1
      ? `An outgoing webhook needs a look: ${first?.destination ?? ""}`
      : `${troubles.length} outgoing webhooks need a look`;
  const lines = troubles.map(
    ({ destination, kind, cause }) => `${destination} ${TROUBLE[kind]} (${cause})`,
  );
  const note =
    "What waits and what failed is in GET /api/deliveries; POST /api/deliveries/ID/retry sends one again. You are not told of each.";
  return opsMessage(title, lines, note);
}
