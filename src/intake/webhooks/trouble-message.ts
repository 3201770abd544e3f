import { opsMessage, type SlackMessage } from "../../notify/index.ts";
import type { Alarm } from "./alarms.ts";
import type { KeptReason } from "./deliveries.ts";

/** What is wrong with a source, and what to do: reads on after its name. */
export const TROUBLE: Readonly<Record<KeptReason, string>> = {
  bad_signature: "got a delivery whose signature fits none of its secrets, and refused it.",
  not_configured:
    "cannot tell leads from anything else: a secret of it is not set, or cannot be used.",
  retired_key: "is still sent to, under a key that it no longer has.",
  unreadable: "got a delivery that is not in the sender's shape.",
  no_contact: "got a delivery without an address or a phone: nobody could answer it.",
  too_large: "got a lead that is too large to be safe on its way.",
};

function isKeptReason(reason: string): reason is KeptReason {
  return Object.hasOwn(TROUBLE, reason);
}

/** Tells ops of sources in trouble. Nothing in it was sent by anybody. */
export function troubleMessage(alarms: readonly Alarm[]): SlackMessage {
  const [first] = alarms;
  const title =
    alarms.length === 1
      ? `An incoming webhook needs a look: ${first?.source ?? ""}`
      : `${alarms.length} incoming webhooks need a look`;
  const lines = alarms.map(
    ({ source, reason }) => `${source} ${isKeptReason(reason) ? TROUBLE[reason] : reason}`,
  );
  return opsMessage(
    title,
    lines,
    "What was sent is in GET /api/webhooks/unclaimed for 7 days. You are not told of each.",
  );
}
