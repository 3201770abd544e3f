import { chain, fallback, pod, score } from "lead-router";
import { expect, it } from "vitest";
import { slackSecretsOf } from "../../../src/notify/slack/channel.ts";

const dach = pod("dach", { dailyCap: 15, slack: "SLACK_DACH_WEBHOOK_URL" });

it("a pod's channel is named in rules.ts, and the secrets a chain needs are known from it", () => {
  const rules = chain(score("hot", { min: 80 }, dach), fallback(pod("sdr")));
  const set = new Set(["SLACK_WEBHOOK_URL"]);
  const secrets = slackSecretsOf(rules, (name) => (set.has(name) ? "https://slack.test" : null));
  expect(secrets.map(({ name, pods, required, isSet }) => [name, pods, required, isSet])).toEqual([
    ["SLACK_BOT_TOKEN", [], false, false],
    ["SLACK_DACH_WEBHOOK_URL", ["dach"], false, false],
    ["SLACK_WEBHOOK_URL", [], true, true],
    ["SLACK_OPS_WEBHOOK_URL", [], true, false],
  ]);
});

it("a pod's channel is no part of the rules' version: it decides nothing about who gets what", () => {
  const without = pod("dach", { dailyCap: 15 });
  expect(chain(fallback(dach)).version).toBe(chain(fallback(without)).version);
  expect(dach.settings).toEqual(without.settings);
});

it("a pod with two channels is refused", () => {
  const elsewhere = pod("dach", { dailyCap: 15, slack: "SLACK_OTHER" });
  expect(() => chain(score("hot", { min: 80 }, dach), fallback(elsewhere))).toThrow(
    'pod "dach" has other settings',
  );
});

it.each(["https://hooks.slack.com/services/T0/B0/x", "slack_dach", "", "9SLACK", "SLACK DACH"])(
  "a pod's channel is the name of a secret, never %j, which is not repeated",
  (slack) => {
    const make = () => pod("dach", { slack });
    expect(make).toThrow('pod "dach": "slack" must be the name of a secret');
    if (slack !== "") expect(make).not.toThrow(slack);
  },
);
