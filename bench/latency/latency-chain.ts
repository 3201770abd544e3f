import { chain, fallback, matchedAccount, pod, rule } from "../../src/rules/index.ts";

/** Pods with a channel of their own each. One channel takes a message a second, of up to 24 leads (src/notify/slack/format.ts). */
export const CHANNELS = 12;

/** A pod per channel, as a company of many teams has them; leads name theirs as their source. */
const teams = Array.from({ length: CHANNELS }, (_, n) =>
  pod(`channel-${n}`, { slack: `SLACK_CHANNEL_${n}_URL` }),
);

export const latencyChain = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  ...teams.map((team) => rule(team.id, { source: team.id }, team)),
  fallback(pod("everyone")),
);
