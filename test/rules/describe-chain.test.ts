import { describe, expect, test } from "vitest";
import {
  fallback,
  matchedAccount,
  pod,
  rule,
  score,
  territory,
  type Conditions,
  type Lead,
  type PodSettings,
} from "lead-router";
import { describePod, describeRule } from "../../src/rules/describe-chain.ts";

const sdr = pod("sdr");
const speaksGerman = (lead: Lead) => lead.region === "Zürich";
const when = (conditions: Conditions) => describeRule(rule("any", conditions, sdr));

describe("a rule in words", () => {
  test.each([
    [
      matchedAccount({ whenOwnerAway: "next" }),
      "the account's owner, if they are there; else the next rule",
    ],
    [matchedAccount({ whenOwnerAway: "assign" }), "the account's owner, even when they are away"],
    [territory("DACH", { countryCode: ["DE", "AT", "CH"] }, sdr), "country is DE, AT or CH → sdr"],
    [score("hot", { min: 80 }, sdr), "score is at least 80 → sdr"],
    [score("warm", { min: 40, max: 79 }, sdr), "score is from 40 to 79 → sdr"],
    [score("cold", { max: 39 }, sdr), "score is at most 39 → sdr"],
    [score("unscored", "none", sdr), "score is missing → sdr"],
    [rule("german", speaksGerman, sdr), "speaksGerman says yes → sdr"],
    [rule("all", {}, sdr), "every lead → sdr"],
    [fallback(sdr), "every lead that is left → sdr"],
  ])("%#: says which leads it takes, and who gets them", (one, words) => {
    expect(describeRule(one)).toBe(words);
  });

  test("conditions add up, and a field is called by the name it is sent under", () => {
    expect(when({ source: "referral", fields: { company_size: { max: 50 } } })).toBe(
      "source is referral and company_size is at most 50 → sdr",
    );
  });

  test("a missing value stands among the others", () => {
    expect(when({ countryCode: ["US", "none"], score: [{ max: 9 }, 50, "none"] })).toBe(
      "country is US or missing and score is at most 9, 50 or missing → sdr",
    );
  });

  test("text that would run into the sentence is quoted", () => {
    expect(when({ company: "Acme, Inc.", fields: { "Team size": true } })).toBe(
      'company name is "Acme, Inc." and "Team size" is true → sdr',
    );
  });

  test("a long list is cut, and says how much is left", () => {
    const source = Array.from({ length: 40 }, (_, n) => `ads-${n}`);
    expect(when({ source })).toMatch(/^source is ads-0, .* ads-11 or 28 more → sdr$/);
  });

  test("a rule of somebody's own has no words but its pod", () => {
    const own = { ...rule("own", speaksGerman, sdr), definition: { version: 2 } };
    expect(describeRule(own)).toBe("what the rule's own code says → sdr");
  });
});

describe("a pod in words", () => {
  const words = (settings: PodSettings) => describePod(pod("dach", settings));

  test("without settings", () => {
    expect(words({})).toBe(
      "no caps but those of single members; a lead that nobody can take is passed on",
    );
  });

  test("with all of them", () => {
    expect(
      words({
        dailyCap: 15,
        openCap: 1,
        holidays: ["2026-12-25", "2026-12-26"],
        whenNobody: "wait",
        waitAtMost: { hours: 25, minutes: 30 },
        debitOutside: true,
      }),
    ).toBe(
      "at most 15 leads a day and at most 1 open lead each, unless a member has a cap of their own; " +
        "nobody takes leads on 2026-12-25 and 2026-12-26; " +
        "a lead that nobody can take waits up to 1 day, 1 hour and 30 minutes for somebody, then is passed on; " +
        "a lead that a member gets past the rotation counts as their turn",
    );
  });
});
