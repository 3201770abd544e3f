import type { Chain } from "../../rules/chain.ts";
import { isSecretName } from "../../rules/declarations.ts";
import type { Destination } from "../../rules/destination.ts";
import type { Form } from "../../rules/form.ts";
import type { Source } from "../../rules/source.ts";
import type { SecretShape } from "./secret-shape.ts";

/** What a rules.ts exports: a team without forms or webhooks leaves those lists out. */
export interface DeclaredRules {
  readonly default: Chain;
  readonly forms?: readonly Form[];
  readonly sources?: readonly Source[];
  readonly destinations?: readonly Destination[];
}

/** A secret that the router can use, and what for. */
export interface NamedSecret {
  readonly name: string;
  /** "the channel of the pod dach" */
  readonly purpose: string;
  readonly shape: SecretShape;
}

/** Those that every router has, whatever its rules. */
const OWN: readonly NamedSecret[] = [
  { name: "API_TOKENS", purpose: "who may call the API", shape: "api_tokens" },
  {
    name: "SLACK_WEBHOOK_URL",
    purpose: "the Slack channel that hears of assignments",
    shape: "slack_webhook",
  },
  {
    name: "SLACK_OPS_WEBHOOK_URL",
    purpose: "the Slack channel that hears of what nobody got, what is stuck, and alerts",
    shape: "slack_webhook",
  },
  {
    name: "SLACK_BOT_TOKEN",
    purpose: "direct messages to reps who have a Slack id",
    shape: "slack_bot_token",
  },
];

/** Every secret that this router can use, each once: its own, then those that rules.ts names. */
export function listSecrets(rules: DeclaredRules): readonly NamedSecret[] {
  const named = [
    ...OWN,
    ...rules.default.pods.flatMap(ofPod),
    ...(rules.forms ?? []).flatMap(ofForm),
    ...(rules.sources ?? []).filter(({ archived }) => !archived).flatMap(ofSource),
    ...(rules.destinations ?? []).flatMap(ofDestination),
  ];
  const byName = new Map<string, NamedSecret>();
  for (const secret of named) if (!byName.has(secret.name)) byName.set(secret.name, secret);
  return [...byName.values()];
}

function ofPod({ id, slack }: Chain["pods"][number]): readonly NamedSecret[] {
  return slack === undefined
    ? []
    : [{ name: slack, purpose: `the Slack channel of the pod ${id}`, shape: "slack_webhook" }];
}

function ofForm({ key, captcha }: Form): readonly NamedSecret[] {
  return captcha === null
    ? []
    : [
        {
          name: captcha.turnstile,
          purpose: `Turnstile's secret key for the form ${key}`,
          shape: "text",
        },
      ];
}

function ofSource({ name, secrets }: Source): readonly NamedSecret[] {
  return secrets.map((secret) => ({
    name: secret,
    purpose: `what ${name} signs its webhooks with`,
    shape: "text",
  }));
}

function ofDestination({ key, url, secrets }: Destination): readonly NamedSecret[] {
  const signing = secrets.map((name): NamedSecret => ({
    name,
    purpose: `what webhooks to ${key} are signed with`,
    shape: "signing_key",
  }));
  return isSecretName(url)
    ? [{ name: url, purpose: `the URL of ${key}`, shape: "url" }, ...signing]
    : signing;
}
