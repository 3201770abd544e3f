import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { chain, fallback, form, pod, score } from "lead-router";
import { describe, expect, test } from "vitest";
import { destination } from "../../../src/rules/destination.ts";
import { devVariables } from "../../../src/cli/deploy/dev-variables.ts";
import {
  findSecretProblem,
  listSecrets,
  type SecretShape,
} from "../../../src/cli/deploy/secrets.ts";
import { source } from "../../../src/rules/source.ts";

test("every secret that rules.ts names is asked for, each once, after the router's own", () => {
  const rules = {
    default: chain(
      score("hot", { min: 80 }, pod("hot", { slack: "SLACK_HOT_URL" })),
      fallback(pod("rest", { slack: "SLACK_WEBHOOK_URL" })),
    ),
    forms: [
      form("contact", { captcha: { turnstile: "TURNSTILE", whenUnreachable: "quarantine" } }),
      form("plain"),
    ],
    sources: [
      source("typeform", { key: "a", secrets: ["TYPEFORM_OLD", "TYPEFORM_NEW"] }),
      source("tally", { key: "gone", secrets: ["TALLY"], archived: true }),
    ],
    destinations: [destination("zap", { url: "ZAP_URL", secrets: ["ZAP_SECRET"] })],
  };
  expect(listSecrets(rules).map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    "API_TOKENS api_tokens",
    "SLACK_WEBHOOK_URL slack_webhook",
    "SLACK_OPS_WEBHOOK_URL slack_webhook",
    "SLACK_BOT_TOKEN slack_bot_token",
    "SLACK_HOT_URL slack_webhook",
    "TURNSTILE text",
    "TYPEFORM_OLD text",
    "TYPEFORM_NEW text",
    "ZAP_URL url",
    "ZAP_SECRET signing_key",
  ]);
});

describe("the shape of a secret", () => {
  test.each<[SecretShape, string]>([
    ["api_tokens", "ana:write:0123456789"],
    ["slack_webhook", "https://hooks.slack.com/services/T0/B0/x"],
    ["slack_webhook", "https://hooks.slack-gov.com/services/T0/B0/x"],
    ["slack_bot_token", "xoxb-1-2-x"],
    ["signing_key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["url", "https://hooks.zapier.com/x"],
    ["text", "1x0000000000000000000000000000000AA"],
  ])("%s takes %s", (shape, value) => {
    expect(findSecretProblem(shape, value)).toBeNull();
  });

  test.each<[SecretShape, string]>([
    ["api_tokens", "ana:admin:canary"],
    ["slack_webhook", "http://hooks.slack.com/services/canary"],
    ["slack_webhook", "https://hooks.slack.com.evil.example/services/canary"],
    ["slack_bot_token", "xoxp-canary"],
    ["signing_key", "whsec_canary!"],
    ["url", "canary"],
    ["text", "canary canary"],
    ["text", "canary\ncanary"],
    ["text", "canary".repeat(1_000)],
  ])("%s refuses %j without repeating it", (shape, value) => {
    expect(findSecretProblem(shape, value)).toMatch(/^It must be /);
    expect(findSecretProblem(shape, value)).not.toContain("canary");
  });
});

test("npm run dev hands wrangler what it would drop of .dev.vars, and nothing twice or empty", () => {
  const variables = { API_TOKENS: "me:write:x", SLACK_WEBHOOK_URL: "https://a:b", CRM: "" };
  expect(devVariables(variables, ["API_TOKENS"])).toEqual([
    "--var",
    "SLACK_WEBHOOK_URL:https://a:b",
  ]);
});

test("the example of .dev.vars has everything that may be set, each with its line", () => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, "../../..", file), "utf8");
  const example = read(".dev.vars.example");
  const settable = read("src/platform.ts").matchAll(/^ {2}(?<name>[A-Z0-9_]+)\?: string/gm);
  const names = [...settable].map(({ groups }) => groups?.["name"] ?? "");
  expect(names).toContain("SLACK_OPS_WEBHOOK_URL");
  for (const name of names) expect(example).toMatch(new RegExp(`^(?:# )?${name}=`, "m"));
  // A button's form asks for what is not commented out: the one thing that cannot be left out.
  expect(Object.keys(parseEnv(example))).toEqual(["API_TOKENS"]);
});
