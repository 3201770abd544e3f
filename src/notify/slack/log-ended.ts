import type { NotificationKind } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import type { Announcement } from "./announcement.ts";

/** Says how notifications ended, once the audit has it: a line a lead. What else it is told of them is in words of our own. */
export function logEnded(
  { log, now }: Pick<Deps, "log" | "now">,
  kind: NotificationKind,
  ended: readonly {
    readonly lead: Announcement;
    readonly detail: {
      readonly channel?: string;
      readonly reason?: string;
      readonly cause?: string;
    };
  }[],
): void {
  const at = now();
  const level = kind === "notification_failed" ? "warn" : "info";
  for (const { lead, detail } of ended) {
    const { leadId, generation, receivedAt, podId } = lead;
    const { channel, reason, cause } = detail;
    log(level, kind, {
      leadId,
      generation,
      pod: podId,
      ...(channel !== undefined && { channel }),
      ...(reason !== undefined && { reason }),
      ...(cause !== undefined && { cause }),
      sinceReceivedMs: at - receivedAt,
    });
  }
}
