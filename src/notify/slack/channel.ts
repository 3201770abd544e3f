import type { Deps } from "../../ports/deps.ts";
import type { Announcement } from "./announcement.ts";
import { postDirectly } from "./direct-message.ts";
import { post, type Posted } from "./post.ts";
import type { SlackMessage } from "./slack-message.ts";

/** The secret that lets the router write to a rep directly: a bot token with the scope `chat:write`. */
export const BOT_TOKEN = "SLACK_BOT_TOKEN";
export const ASSIGNMENTS_WEBHOOK = "SLACK_WEBHOOK_URL";
export const OPS_WEBHOOK = "SLACK_OPS_WEBHOOK_URL";

export type ChannelKind = "direct_message" | "pod" | "assignments" | "ops";

/** A place in Slack where somebody hears. */
export interface Channel {
  readonly kind: ChannelKind;
  /** Names it in marks and messages to ops: the secret's name, or "user U012AB3CD". Never a URL. */
  readonly name: string;
  /** What it depends on besides: while that is in trouble, so is the channel. */
  readonly needs: string | null;
  readonly send: (message: SlackMessage) => Promise<Posted>;
}

/** Where a decision is told, the best place first, or the secrets of which none is set. */
export type Route =
  | { readonly channels: readonly [Channel, ...Channel[]] }
  | { readonly unset: readonly string[] };

/** The rep directly, else the pod's channel, else the one for all assignments; ops where all of these are broken. */
export function routeOf(deps: Deps, lead: Announcement): Route {
  const ops = webhook(deps, "ops", OPS_WEBHOOK);
  if (lead.outcome === "unassigned") return routeThrough(ops, [], [OPS_WEBHOOK]);
  const podSecret = deps.chain.pods.find(({ id }) => id === lead.podId)?.slack;
  const [first, ...others] = [
    directly(deps, lead.slackUserId),
    podSecret === undefined ? null : webhook(deps, "pod", podSecret),
    webhook(deps, "assignments", ASSIGNMENTS_WEBHOOK),
  ].filter((channel) => channel !== null);
  const unset = podSecret === undefined ? [ASSIGNMENTS_WEBHOOK] : [podSecret, ASSIGNMENTS_WEBHOOK];
  return routeThrough(first ?? null, ops === null ? others : [...others, ops], unset);
}

function routeThrough(
  first: Channel | null,
  others: readonly Channel[],
  unset: readonly string[],
): Route {
  return first === null ? { unset } : { channels: [first, ...others] };
}

function webhook(deps: Deps, kind: ChannelKind, secret: string): Channel | null {
  const url = deps.secret(secret);
  if (url === null) return null;
  return { kind, name: secret, needs: null, send: (message) => post(deps, url, message) };
}

function directly(deps: Deps, slackUserId: string | null): Channel | null {
  const token = deps.secret(BOT_TOKEN);
  if (token === null || slackUserId === null) return null;
  return {
    kind: "direct_message",
    name: `user ${slackUserId}`,
    needs: BOT_TOKEN,
    send: (message) => postDirectly(deps, token, slackUserId, message),
  };
}
