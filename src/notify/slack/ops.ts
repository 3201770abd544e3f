import type { KnownBlock } from "@slack/types";
import type { LogDetail } from "../../lib/log.ts";
import type { Deps } from "../../ports/deps.ts";
import { ASSIGNMENTS_WEBHOOK, OPS_WEBHOOK } from "./channel.ts";
import { postToWebhook } from "./client.ts";
import { escapeMarkup, plain, showText, SLACK_LIMITS, type SlackMessage } from "./format.ts";

// How ops are notified of trouble. Nothing in these messages was typed by a stranger, except what Slack answered.

/** Lines of one message: what fits a screen, and Slack's limits. */
const LINES = 20;
/** So many lines or fewer share the room of a section without getting longer for it. */
const LEAST_SHARES = 10;
/** Room for "and 12,345 more". */
const MORE = 20;

/** A message to ops: a title, a line for each thing it is about, and a note below. Longer texts are cut to Slack's limits. */
export function opsMessage(title: string, lines: readonly string[], note?: string): SlackMessage {
  const more = lines.length - LINES;
  const shares = Math.max(LEAST_SHARES, Math.min(lines.length, LINES));
  // Less the line break.
  const width = Math.floor((SLACK_LIMITS.sectionText - MORE) / shares) - 1;
  const list = lines.slice(0, LINES).map((line) => showText(line, width));
  const text = [...list, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  const header = showText(title, SLACK_LIMITS.headerText);
  const blocks: KnownBlock[] = [
    { type: "header", text: plain(header) },
    { type: "section", text: plain(text) },
  ];
  if (note !== undefined) blocks.push({ type: "context", elements: [plain(note)] });
  return { text: escapeMarkup(header), blocks };
}

type SlackDeps = Pick<Deps, "secret" | "fetch" | "now" | "log">;

/** Whether ops were notified. No cause names a URL. */
type Notified =
  | { readonly outcome: "notified" }
  /** Slack is away or asks to slow down: send it again later. */
  | { readonly outcome: "again"; readonly cause: string }
  /** Sending it again would not help: no channel is set, Slack never accepts this message, or no channel accepts any until somebody fixes it. */
  | { readonly outcome: "unset" | "refused" | "gone"; readonly cause: string };

/** Notifies ops, or, where their channel is not set or accepts nothing any more, the channel of the assignments. Posts twice at most. */
export async function notifyOps(deps: SlackDeps, message: SlackMessage): Promise<Notified> {
  let notified: Notified = { outcome: "unset", cause: `${OPS_WEBHOOK} is not set` };
  for (const name of [OPS_WEBHOOK, ASSIGNMENTS_WEBHOOK]) {
    const url = deps.secret(name);
    if (url === null) continue;
    const posted = await postToWebhook(deps, url, message);
    if (posted.outcome === "accepted") return { outcome: "notified" };
    deps.log("warn", "ops_not_told", { channel: name, cause: posted.cause });
    notified = { outcome: posted.outcome, cause: posted.cause };
    // A message that may have arrived is not sent elsewhere, and one that Slack refuses it refuses everywhere.
    if (posted.outcome !== "gone") return notified;
  }
  return notified;
}

/**
 * Notifies ops, and records it: with null, or with the cause why they cannot be notified, where sending it again would not help.
 * While Slack is away or asks to slow down nothing is recorded, so that a later call sends it. Sends it twice at most when the
 * record fails.
 * @param failed the line of the log where they could not be notified; its cause is added
 */
export async function notifyOpsOnce(
  deps: SlackDeps,
  message: SlackMessage,
  failed: { readonly event: string; readonly detail: LogDetail },
  record: (untold: string | null) => Promise<void>,
): Promise<void> {
  const notified = await notifyOps(deps, message);
  if (notified.outcome === "notified") return await record(null);
  deps.log("warn", failed.event, { ...failed.detail, cause: notified.cause });
  if (notified.outcome !== "again") await record(notified.cause);
}
