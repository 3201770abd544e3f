import { describe, expect, test } from "vitest";
import { matchedAccount, type MatchedAccountOptions } from "lead-router";
import { aLead, anAccount, anOwner, theFacts } from "./examples.ts";

const next = matchedAccount({ whenOwnerAway: "next" });
const assign = matchedAccount({ whenOwnerAway: "assign" });
const away = "is away until 2026-12-01 09:00 Europe/Berlin";

describe.each([
  ["next", next],
  ["assign", assign],
])("whenOwnerAway: %s", (_, rule) => {
  test("the owner of the lead's account gets it", () => {
    const owner = anOwner();
    expect(rule.evaluate(aLead(), theFacts({ account: anAccount({ owner }) }))).toEqual({
      outcome: "owner",
      owner,
      reason: "bo owns account Acme (acme.com)",
    });
  });

  test("a lead without a company domain matches none", () => {
    const verdict = rule.evaluate(aLead({ companyDomain: null }), theFacts());
    expect(verdict).toEqual({ outcome: "no_match", reason: "the lead has no company domain" });
  });

  test("a domain without an account matches none", () => {
    expect(rule.evaluate(aLead(), theFacts())).toEqual({
      outcome: "no_match",
      reason: "acme.com belongs to no account",
    });
  });

  test("an owner who is no rep is named as such", () => {
    const account = anAccount({ ownerId: "xy", owner: null });
    expect(rule.evaluate(aLead(), theFacts({ account }))).toEqual({
      outcome: "no_match",
      reason: 'account Acme is owned by "xy", who is no rep',
    });
  });

  test("an excluded owner does not get it, away or not", () => {
    const excluded = new Map([["bo", "is at their own daily cap"]]);
    for (const unavailable of [null, away]) {
      const account = anAccount({ owner: anOwner({ unavailable }) });
      expect(rule.evaluate(aLead(), theFacts({ account, excluded }))).toEqual({
        outcome: "no_eligible_rep",
        reason: "bo owns account Acme (acme.com) but is at their own daily cap",
        ownerId: "bo",
      });
    }
  });

  test("a deactivated owner never gets it", () => {
    for (const unavailable of [null, "is deactivated"]) {
      const account = anAccount({ owner: anOwner({ active: false, unavailable }) });
      expect(rule.evaluate(aLead(), theFacts({ account }))).toEqual({
        outcome: "no_eligible_rep",
        reason: "bo owns account Acme (acme.com) but is deactivated",
        ownerId: "bo",
      });
    }
  });
});

describe("an owner who is away", () => {
  const owner = anOwner({ unavailable: away });
  const facts = theFacts({ account: anAccount({ owner }) });

  test("next: leaves the lead to the rules below", () => {
    expect(next.evaluate(aLead(), facts)).toEqual({
      outcome: "no_eligible_rep",
      reason: `bo owns account Acme (acme.com) but ${away}`,
      ownerId: "bo",
    });
  });

  test("assign: gets it all the same, and the reason says so", () => {
    expect(assign.evaluate(aLead(), facts)).toEqual({
      outcome: "owner",
      owner,
      reason: `bo owns account Acme (acme.com) and gets its leads even when away: bo ${away}`,
    });
  });
});

test("says what it does", () => {
  expect(next).toMatchObject({
    name: "matched account",
    kind: "matched_account",
    pod: null,
    definition: { whenOwnerAway: "next" },
    catchesAll: false,
  });
  const misspelt: unknown = { whenOwnerAway: "skip" };
  expect(() => matchedAccount(misspelt as MatchedAccountOptions)).toThrow(
    'matchedAccount: "whenOwnerAway" must be "next" or "assign", not "skip"',
  );
});
