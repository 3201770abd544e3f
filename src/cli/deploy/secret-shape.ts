import { parseTokens } from "../../ops/index.ts";
import { readSigningKey } from "../../lib/digest.ts";

/** What a secret must look like. */
export type SecretShape =
  | "api_tokens"
  | "slack_webhook"
  | "slack_bot_token"
  | "signing_key"
  | "url"
  | "text";

/** Bytes that a secret may have (Workers limits: 5 kB). */
const MOST_BYTES = 5_000;
const SLACK_WEBHOOK =
  /^https:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/\S+$/;

/** What is wrong with a value, in words that do not quote it; null when nothing is. */
export function findSecretProblem(shape: SecretShape, value: string): string | null {
  if (/[\r\n]/.test(value)) return "It must be one line.";
  if (new TextEncoder().encode(value).length > MOST_BYTES) return "It must be under 5 kB.";
  switch (shape) {
    case "api_tokens":
      return parseTokens(value) === null
        ? "It must be comma-separated name:scope:token, scope read or write."
        : null;
    case "slack_webhook":
      return SLACK_WEBHOOK.test(value)
        ? null
        : "It must be the URL of an incoming webhook: https://hooks.slack.com/services/…";
    case "slack_bot_token":
      return /^xoxb-\S+$/.test(value) ? null : "It must be a bot's token: xoxb-…";
    case "signing_key":
      return readSigningKey(value) === null ? "It must be whsec_ and base64." : null;
    case "url":
      return URL.canParse(value) && new URL(value).protocol === "https:"
        ? null
        : "It must be an https URL.";
    case "text":
      return /^\S+$/.test(value) ? null : "It must be a text without blanks.";
  }
}
