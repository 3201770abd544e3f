import type { Chain } from "../../rules/chain.ts";
import { ASSIGNMENTS_WEBHOOK, BOT_TOKEN, OPS_WEBHOOK } from "./channel.ts";

/** A secret that Slack's messages need. */
export interface SlackSecret {
  readonly name: string;
  /** What it is for, and what happens without it. */
  readonly what: string;
  /** Pods whose channel it is. */
  readonly pods: readonly string[];
  /** Whether nobody hears of something without it. Others have a channel to stand in for them. */
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
  const secrets: Omit<SlackSecret, "isSet">[] = [
    {
      name: BOT_TOKEN,
      what: "Reps hear of their leads by direct message; without it, in a channel.",
      pods: [],
      required: false,
    },
    ...[...ofPods]
      .filter(([name]) => name !== ASSIGNMENTS_WEBHOOK)
      .map(([name, named]) => ({
        name,
        what: `The channel of the pod's reps; without it they hear in that of ${ASSIGNMENTS_WEBHOOK}.`,
        pods: named.map(({ id }) => id),
        required: false,
      })),
    {
      name: ASSIGNMENTS_WEBHOOK,
      what: "The channel for all assignments that are told nowhere else; without it their reps are not told.",
      pods: ofPods.get(ASSIGNMENTS_WEBHOOK)?.map(({ id }) => id) ?? [],
      required: true,
    },
    {
      name: OPS_WEBHOOK,
      what: `The channel of ops; without it nobody is told of leads without a rep, and what is stuck or broken is told in that of ${ASSIGNMENTS_WEBHOOK}.`,
      pods: [],
      required: true,
    },
  ];
  return secrets.map((one) => ({ ...one, isSet: secret(one.name) !== null }));
}
