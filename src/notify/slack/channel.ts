import type { Deps } from "../../ports/deps.ts";
import type { Chain } from "../../rules/chain.ts";
import { type Announcement, notSet } from "../announcement.ts";
import { postDirectly, postToWebhook, type Posted } from "./client.ts";
import type { SlackMessage } from "./format.ts";

/** The secret that lets the router write to a rep directly: a bot token with the scope `chat:write`. */
const BOT_TOKEN = "SLACK_BOT_TOKEN";
export const ASSIGNMENTS_WEBHOOK = "SLACK_WEBHOOK_URL";
export const OPS_WEBHOOK = "SLACK_OPS_WEBHOOK_URL";

export type ChannelKind = "direct_message" | "pod" | "assignments" | "ops";

/** A place in Slack where somebody is notified. */
export interface Channel {
  readonly kind: ChannelKind;
  /** Names it in marks and messages to ops: the secret's name, or "user U012AB3CD". Never a URL. */
  readonly name: string;
  /** What it depends on besides: while that is in trouble, so is the channel. */
  readonly needs: string | null;
  readonly send: (message: SlackMessage) => Promise<Posted>;
}

/** What is broken, by name: the channel that is gone, or the token it needs. */
export function brokenName({ name, needs }: Channel, whose: "channel" | "token"): string {
  return whose === "token" ? (needs ?? name) : name;
}

/** The channel and what it needs. */
export function namesOf({ name, needs }: Channel): readonly string[] {
  return needs === null ? [name] : [name, needs];
}

type ChannelDeps = Pick<Deps, "chain" | "secret" | "fetch" | "sleep" | "now">;

/**
 * Where a decision is announced, the best channel first: to the rep directly, else in the pod's channel, else in the one for all
 * assignments; in that of ops where all of these are broken, or nobody got the lead. Words when none of them is set.
 */
export function routeOf(deps: ChannelDeps, lead: Announcement): readonly Channel[] | string {
  const ops = webhook(deps, "ops", OPS_WEBHOOK);
  if (lead.outcome === "unassigned") return ops ?? notSet([OPS_WEBHOOK]);
  const podSecret = deps.chain.pods.find(({ id }) => id === lead.podId)?.slack;
  const channels = [
    directly(deps, lead.slackUserId),
    podSecret === undefined ? null : webhook(deps, "pod", podSecret),
    webhook(deps, "assignments", ASSIGNMENTS_WEBHOOK),
  ].flatMap((channel) => channel ?? []);
  if (channels.length > 0) return [...channels, ...(ops ?? [])];
  return notSet(podSecret === undefined ? [ASSIGNMENTS_WEBHOOK] : [podSecret, ASSIGNMENTS_WEBHOOK]);
}

function webhook(deps: ChannelDeps, kind: ChannelKind, secret: string): [Channel] | null {
  const url = deps.secret(secret);
  if (url === null) return null;
  const send = (message: SlackMessage) => postToWebhook(deps, url, message);
  return [{ kind, name: secret, needs: null, send }];
}

function directly(deps: ChannelDeps, slackUserId: string | null): [Channel] | null {
  const token = deps.secret(BOT_TOKEN);
  if (token === null || slackUserId === null) return null;
  const send = (message: SlackMessage) => postDirectly(deps, token, slackUserId, message);
  return [{ kind: "direct_message", name: `user ${slackUserId}`, needs: BOT_TOKEN, send }];
}

/** A secret that Slack's messages need. */
export interface SlackSecret {
  readonly name: string;
  /** What it is for, and what happens without it. */
  readonly what: string;
  /** Pods whose channel it is. */
  readonly pods: readonly string[];
  /** Whether some messages reach nobody without it. The other secrets have a channel that stands in for them. */
  readonly required: boolean;
  readonly isSet: boolean;
}

/**
 * The secrets that a chain's messages to Slack need, and which of them are not set. Pure.
 * @param secret as `Deps.secret`: the value of a secret, null while it is not set
 */
export function slackSecretsOf(
  { pods }: Pick<Chain, "pods">,
  secret: (name: string) => string | null,
): readonly SlackSecret[] {
  const ofPods = Map.groupBy(
    pods.flatMap(({ id, slack }) => (slack === undefined ? [] : [{ id, slack }])),
    ({ slack }) => slack,
  );
  const named = (name: string, required: boolean, what: string): SlackSecret => {
    const podIds = ofPods.get(name)?.map(({ id }) => id) ?? [];
    return { name, what, pods: podIds, required, isSet: secret(name) !== null };
  };
  const podSecrets = [...ofPods.keys()].filter((name) => name !== ASSIGNMENTS_WEBHOOK);
  return [
    named(
      BOT_TOKEN,
      false,
      "Notifies reps by direct message. Without it, they are notified in a channel.",
    ),
    ...podSecrets.map((name) =>
      named(
        name,
        false,
        `The channel of the pod's reps. Without it, they are notified in that of ${ASSIGNMENTS_WEBHOOK}.`,
      ),
    ),
    named(
      ASSIGNMENTS_WEBHOOK,
      true,
      "Default channel for assignments. Without it, reps who have no channel of their own are not notified.",
    ),
    named(
      OPS_WEBHOOK,
      true,
      `The channel of ops. Without it, nobody is notified about leads without a rep, and messages about stuck leads and broken channels go to that of ${ASSIGNMENTS_WEBHOOK}.`,
    ),
  ];
}

/** The variable with the address of this router, for links to leads: "https://leads.acme.com". */
const PUBLIC_URL = "PUBLIC_URL";

/** The router's address without a slash at its end; null when it is not set, or not a web address: then leads are named by their ids. */
export function readPublicUrl({ secret }: Pick<Deps, "secret">): string | null {
  const value = secret(PUBLIC_URL);
  const url = value === null ? null : URL.parse(value);
  if (url === null || !["https:", "http:"].includes(url.protocol)) return null;
  // Written by the parser, it holds none of the characters that would end the link.
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replaceAll("|", "%7C")}`;
}
