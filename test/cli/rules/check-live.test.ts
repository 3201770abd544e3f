import { describe, expect, test } from "vitest";
import { chain, fallback, pod, score, territory } from "lead-router";
import { checkLive, type LiveRouter } from "../../../src/cli/check/check-live.ts";
import { slackSecretsOf } from "../../../src/notify/slack/channel.ts";

const rules = chain(
  territory("DACH", { countryCode: ["DE", "AT"] }, pod("dach")),
  score("hot", { min: 80 }, pod("enterprise")),
  fallback(pod("everyone")),
);

/** A router with nothing to complain of, but for what is said. */
function live(about: Partial<LiveRouter> = {}): LiveRouter {
  return {
    chainVersion: rules.version,
    pods: rules.pods.map(({ id }) => ({ id, members: ["ana"] })),
    reps: new Map([
      ["ana", true],
      ["zoe", false],
    ]),
    accounts: { looked: [{ domain: "acme.com", ownerId: "ana" }], more: false },
    use: { days: 30, routed: 900, rules: rules.rules.map(({ name }) => used(name, 90)) },
    slack: slackSecretsOf({ pods: [] }, () => "set"),
    ...about,
  };
}

function used(rule: string, matched: number, tried = 900) {
  return { rule, tried, matched, stopped: false, explanation: null };
}

function check(about: Partial<LiveRouter>): readonly string[] {
  return checkLive(rules, live(about)).findings.map(
    ({ severity, says, advice }) => `${severity}: ${says} → ${advice}`,
  );
}

test("a router in order", () => {
  expect(checkLive(rules, live())).toEqual({ findings: [], notes: [] });
});

describe("pods", () => {
  test("without members, with deactivated ones only, and not deployed yet", () => {
    const pods = [
      { id: "dach", members: [] },
      { id: "everyone", members: ["zoe"] },
    ];
    expect(check({ pods })).toEqual([
      'warning: dach has no members: "DACH" can only pass leads on. → Add members: PUT /api/pods/dach/members/REP.',
      'warning: enterprise is new to the running router and has no members yet: "hot" can only pass leads on. → Add members right after the deploy: PUT /api/pods/enterprise/members/REP.',
      "error: All members of everyone are deactivated: leads that nobody else takes stay unassigned. → Add members: PUT /api/pods/everyone/members/REP.",
    ]);
  });

  test("with members that no rule sends to any more", () => {
    const retired = { id: "partners", members: ["ana", "bo"] };
    expect(check({ pods: [...live().pods, retired] })).toEqual([
      "warning: No rule sends leads to partners, which has 2 members: ana and bo. → Move them to other pods, or add a rule that sends to it.",
    ]);
  });
});

test("accounts whose owners are no reps, or none any more", () => {
  const strangers = Array.from({ length: 8 }, (_, at) => ({
    domain: `a${at}.com`,
    ownerId: "yan",
  }));
  const looked = [...strangers, { domain: "acme.com", ownerId: "zoe" }];
  expect(check({ accounts: { looked, more: false } })).toEqual([
    "warning: 8 of 9 accounts have an owner who is not a rep, so their leads go to the next rules: a0.com (yan), a1.com (yan), a2.com (yan), a3.com (yan), a4.com (yan) and 3 more. → Give them another owner: PUT /api/accounts/DOMAIN.",
    "warning: 1 of 9 accounts has an owner who is deactivated, so its leads go to the next rules: acme.com (zoe). → Give them another owner: PUT /api/accounts/DOMAIN.",
  ]);
});

describe("rules", () => {
  test("that matched nothing for long, that no lead reaches, and that suddenly stopped", () => {
    const stopped = {
      ...used("DACH", 80),
      stopped: true,
      explanation: "It has stopped matching: of 60 leads 24 would have matched, and none did.",
    };
    const use = {
      days: 30,
      routed: 900,
      rules: [stopped, used("hot", 0, 1204), used("fallback", 0)],
    };
    expect(check({ use })).toEqual([
      'warning: "DACH": It has stopped matching: of 60 leads 24 would have matched, and none did. → Check that the form still sends what it asks for; delete it if it is no longer needed.',
      'warning: "hot" matched none of the 1,204 leads that reached it in 30 days. → Check that the form still sends what it asks for; delete it if it is no longer needed.',
    ]);
    expect(check({ use: { ...use, rules: [used("hot", 0, 0)] } })).toEqual([
      'warning: No lead reached "hot" in 30 days. → If it is needed, move it up: the rules above it took every lead.',
    ]);
  });

  test("are not blamed where there were no leads", () => {
    const use = { days: 30, routed: 0, rules: [used("hot", 0, 0)] };
    expect(checkLive(rules, live({ use }))).toEqual({
      findings: [],
      notes: ["The router routed no lead in the last 30 days."],
    });
  });
});

test("Slack webhooks that are not set", () => {
  const dach = { id: "dach", settings: {}, slack: "SLACK_DACH_WEBHOOK_URL" };
  expect(check({ slack: slackSecretsOf({ pods: [dach] }, () => null) })).toEqual([
    "warning: The secret SLACK_DACH_WEBHOOK_URL is not set. The channel of the pod's reps. Without it, they are notified in that of SLACK_WEBHOOK_URL. → Set it: npx wrangler secret put SLACK_DACH_WEBHOOK_URL.",
    "warning: The secret SLACK_WEBHOOK_URL is not set. Default channel for assignments. Without it, reps who have no channel of their own are not notified. → Set it: npx wrangler secret put SLACK_WEBHOOK_URL.",
    "warning: The secret SLACK_OPS_WEBHOOK_URL is not set. The channel of ops. Without it, nobody is notified about leads without a rep, and messages about stuck leads and broken channels go to that of SLACK_WEBHOOK_URL. → Set it: npx wrangler secret put SLACK_OPS_WEBHOOK_URL.",
  ]);
});

test("what differs or could not be asked is noted, and fails nothing", () => {
  const accounts = { looked: live().accounts.looked, more: true };
  const old = live({ chainVersion: null, use: null, slack: null, accounts });
  expect(checkLive(rules, old)).toEqual({
    findings: [],
    notes: [
      "The router does not say which version of the rules it runs.",
      "Not all accounts were checked, only the first 1.",
      "The router does not say which rules matched lately.",
      "The router does not say whether its Slack secrets are set.",
    ],
  });
  expect(checkLive(rules, live({ chainVersion: "4be0c1a97f35" })).notes).toEqual([
    `The router runs version 4be0c1a97f35 of the rules, not this one (${rules.version}): deploy to put this version in force.`,
  ]);
});
