import type { Deps } from "../../ports/deps.ts";
import { ASSIGNMENTS_WEBHOOK, OPS_WEBHOOK } from "./channel.ts";
import { post } from "./post.ts";
import type { SlackMessage } from "./slack-message.ts";

/** Whether ops heard. No cause names a URL. */
export type Told =
  | { readonly outcome: "told" }
  /** Slack is away or asks to slow down: it is to be said again, later. */
  | { readonly outcome: "again"; readonly cause: string }
  /** Nobody will hear this: no channel is set, Slack never takes this message, or no channel takes any until somebody mends it. */
  | { readonly outcome: "unset" | "refused" | "gone"; readonly cause: string };

/** Tells ops, or where their channel is not set or takes nothing any more, whoever reads the assignments. Posts twice at most. */
export async function tellOps(deps: Deps, message: SlackMessage): Promise<Told> {
  let told: Told = { outcome: "unset", cause: `${OPS_WEBHOOK} is not set` };
  for (const name of [OPS_WEBHOOK, ASSIGNMENTS_WEBHOOK]) {
    const url = deps.secret(name);
    if (url === null) continue;
    const posted = await post(deps, url, message);
    if (posted.outcome === "accepted") return { outcome: "told" };
    deps.log("warn", "ops_not_told", { channel: name, cause: posted.cause });
    told = { outcome: posted.outcome, cause: posted.cause };
    // What may have been taken is not said elsewhere, and what Slack refuses it refuses everywhere.
    if (posted.outcome !== "gone") return told;
  }
  return told;
}
