import { describe, expect, test } from "vitest";
import { chain, fallback, matchedAccount, pod, score, territory } from "lead-router";
import {
  matchedByPod,
  matchedOwner,
  nobodyIn,
  type OwnerStop,
  type PodStop,
  walk,
  type Walk,
} from "../../src/rules/walk.ts";
import { aCandidate, aLead, anAccount, theFacts } from "./examples.ts";

const dach = pod("dach");
const enterprise = pod("enterprise");
const everyone = pod("everyone");
const rules = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT"] }, dach),
  territory("US", { countryCode: "US" }, dach),
  score("hot", { min: 80 }, enterprise),
  fallback(everyone),
);

const noAccount = {
  rule: "matched account",
  kind: "matched_account",
  outcome: "no_match",
  reason: "acme.com belongs to no account",
} as const;

function atPod(reached: Walk): PodStop {
  if (reached.stop !== "ask_pod") throw new Error(`stopped at ${reached.stop}`);
  return reached;
}

function atOwner(reached: Walk): OwnerStop {
  if (reached.stop !== "owner") throw new Error(`stopped at ${reached.stop}`);
  return reached;
}

describe("the walk", () => {
  test("stops at the first pod, and tells of every rule passed", () => {
    const reached = walk(rules, aLead(), theFacts(), 0);
    expect(reached).toEqual({
      stop: "ask_pod",
      at: 1,
      rule: rules.rules[1],
      pod: dach,
      reason: "the country is DE",
      steps: [noAccount],
    });
  });

  test("stops at the owner of the account", () => {
    const account = anAccount();
    const reached = walk(rules, aLead(), theFacts({ account }), 0);
    expect(reached).toMatchObject({ stop: "owner", at: 0, owner: account.owner, steps: [] });
  });

  test("goes on behind a pod that had nobody, and tells of the rules since", () => {
    const reached = walk(rules, aLead(), theFacts(), 2);
    expect(reached).toMatchObject({ stop: "ask_pod", at: 3, pod: enterprise });
    expect(reached.steps).toEqual([
      { rule: "US", kind: "territory", outcome: "no_match", reason: "the country is DE, not US" },
    ]);
  });

  test("passes an owner who cannot have it, and says who and why", () => {
    const excluded = new Map([["bo", "is at their own daily cap"]]);
    const reached = walk(rules, aLead(), theFacts({ account: anAccount(), excluded }), 0);
    expect(reached).toMatchObject({ stop: "ask_pod", at: 1 });
    expect(reached.steps).toEqual([
      {
        ...noAccount,
        outcome: "no_eligible_rep",
        reason: "bo owns account Acme (acme.com) but is at their own daily cap",
        ownerId: "bo",
      },
    ]);
  });

  test("ends when no rule is left", () => {
    expect(walk(rules, aLead(), theFacts(), rules.rules.length)).toEqual({
      stop: "exhausted",
      steps: [],
    });
  });

  test("continued after each pod, it tells of every rule exactly once and in order", () => {
    const told: string[] = [];
    const lead = aLead({ countryCode: "AT", score: 10 });
    for (let from = 0; ;) {
      const reached = walk(rules, lead, theFacts(), from);
      told.push(...reached.steps.map((step) => step.rule));
      if (reached.stop === "exhausted") break;
      told.push(reached.rule.name);
      from = reached.at + 1;
    }
    expect(told).toEqual(rules.rules.map(({ name }) => name));
  });

  test("is pure: the same lead and facts, the same walk", () => {
    const lead = Object.freeze(aLead());
    const facts = Object.freeze(theFacts());
    expect(walk(rules, lead, facts, 0)).toEqual(walk(rules, lead, facts, 0));
  });
});

describe("the step a stop becomes", () => {
  const stop = atPod(walk(rules, aLead(), theFacts(), 0));
  const bo = aCandidate("bo");
  const cy = aCandidate("cy");

  test("when the pod gave the lead to somebody", () => {
    expect(matchedByPod(stop, { candidates: [bo, cy], runnerUp: "cy" }, "bo")).toEqual({
      rule: "DACH",
      kind: "territory",
      outcome: "matched",
      reason: "the country is DE",
      podId: "dach",
      candidates: [bo, cy],
      picked: "bo",
      runnerUp: "cy",
    });
  });

  test("when nobody else was there to be next", () => {
    const step = matchedByPod(
      stop,
      { candidates: [bo], others: { absent: 60 }, runnerUp: null },
      "bo",
    );
    expect(step).toMatchObject({ picked: "bo", others: { absent: 60 } });
    expect(step).not.toHaveProperty("runnerUp");
  });

  test("when the pod had nobody", () => {
    const candidates = [
      aCandidate("bo", { eligibility: "at_daily_cap" }),
      aCandidate("cy", { eligibility: "absent" }),
      aCandidate("di", { eligibility: "at_daily_cap" }),
    ];
    expect(nobodyIn(stop, { candidates })).toEqual({
      rule: "DACH",
      kind: "territory",
      outcome: "no_eligible_rep",
      reason: "the country is DE, but nobody in dach was eligible (2 at their daily cap, 1 away)",
      podId: "dach",
      candidates,
    });
  });

  test("when the pod is empty", () => {
    expect(nobodyIn(stop, { candidates: [] }).reason).toBe(
      "the country is DE, but dach has no members",
    );
  });

  test("when the rule names the rep", () => {
    const owned = atOwner(walk(rules, aLead(), theFacts({ account: anAccount() }), 0));
    expect(matchedOwner(owned)).toEqual({
      rule: "matched account",
      kind: "matched_account",
      outcome: "matched",
      reason: "bo owns account Acme (acme.com)",
    });
  });
});
