import { leadEvent } from "../audit/event.ts";
import { recordEvents } from "../audit/events.ts";
import type { Deps } from "../deps.ts";
import { post } from "../notify/post.ts";
import { stuckMessage } from "../notify/ops-message.ts";
import type { PendingRow } from "./pending.ts";

/** Tries after which ops are told of a row, once: with the doubling pace that is after about an hour. */
export const STUCK_AFTER_TRIES = 6;

/** Records leads that keep needing another go and tells ops of them, in one message. Nothing stops for it. */
export async function recordStuck(deps: Deps, stuck: readonly PendingRow[]): Promise<void> {
  if (stuck.length === 0) return;
  const now = deps.now();
  const events = stuck.map(({ kind, tries, ...key }) =>
    leadEvent(deps.newId(), key, {
      kind: "stuck",
      occurredAt: now,
      detail: { waitsFor: kind, tries: tries + 1 },
    }),
  );
  await recordEvents(deps.db, events, now);
  const ops = deps.secret("SLACK_OPS_WEBHOOK_URL");
  if (ops === null) return;
  const posted = await post(deps, ops, stuckMessage(stuck));
  if (posted.outcome !== "accepted")
    deps.log("warn", "stuck_not_told", { leads: stuck.length, cause: posted.cause });
}
