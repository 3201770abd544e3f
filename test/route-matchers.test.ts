import { expect, test } from "vitest";
import { chain, fallback, matchedAccount, pod, score, territory } from "lead-router";
import "./route-matchers.ts";
import { leadsThrough } from "./routed-lead.ts";

const lead = leadsThrough(
  chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT"] }, pod("dach")),
    score("hot", { min: 80 }, pod("enterprise")),
    fallback(pod("everyone")),
  ),
);
const hotGerman = lead({ countryCode: "DE", score: 90 });

function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("the assertion held");
}

test("a lead that went elsewhere is told of rule by rule", () => {
  expect(messageOf(() => expect(hotGerman).toRouteTo("enterprise", { by: "hot" }))).toBe(
    `expected the lead to go to the pod enterprise by "hot", but it went to the pod dach by "DACH":

  matched account  no      the lead has no company domain
  DACH             → dach  the country is DE
  hot                      not reached
  fallback                 not reached
`,
  );
});

test("a pod that had nobody is told of, and an owner who is away", () => {
  const passedOn = lead(
    { companyDomain: "acme.com", countryCode: "DE", score: 90 },
    { account: { owner: "ana", away: true }, nobodyIn: ["dach", "enterprise", "everyone"] },
  );
  expect(messageOf(() => expect(passedOn).toGoTo("ana"))).toBe(
    `expected the lead to go to the rep ana, but it found nobody:

  matched account  no  ana owns account acme.com (acme.com) but is away
  DACH             no  the country is DE, but nobody in dach can take it
  hot              no  the score is 90, but nobody in enterprise can take it
  fallback         no  it takes every lead, but nobody in everyone can take it
`,
  );
  expect(passedOn).toFindNobody();
});

test("the right pod by another rule is not what was asked for", () => {
  expect(hotGerman).toRouteTo("dach");
  expect(hotGerman).not.toRouteTo("dach", { by: "hot" });
  expect(messageOf(() => expect(hotGerman).toRouteTo("dach", { by: "hot" }))).toContain(
    'to go to the pod dach by "hot", but it went to the pod dach by "DACH"',
  );
  expect(messageOf(() => expect(hotGerman).not.toRouteTo("dach"))).toContain(
    "expected the lead not to go to the pod dach, but it went to the pod dach",
  );
});

test("an owner is a rep and no pod", () => {
  const owned = lead({ companyDomain: "acme.com" }, { account: { owner: "ana" } });
  expect(owned).toGoTo("ana", { by: "matched account" });
  expect(messageOf(() => expect(owned).toFindNobody())).toContain(
    'to find nobody, but it went to the rep ana by "matched account"',
  );
  const orphaned = lead(
    { companyDomain: "acme.com" },
    { account: { owner: "ana", deactivated: true } },
  );
  expect(orphaned).toRouteTo("everyone");
});

test("a slip of the pen in the test itself is told as such", () => {
  expect(() => expect(hotGerman).toRouteTo("dahc")).toThrow(
    'no rule sends to a pod "dahc", only to dach, enterprise, everyone',
  );
  expect(() => expect(hotGerman).not.toRouteTo("dahc")).toThrow('a pod "dahc"');
  expect(() => lead({}, { nobodyIn: ["dahc"] })).toThrow('nobodyIn: the chain has no pod "dahc"');
  expect(() => lead({}, { account: { owner: "ana" } })).toThrow(
    "a lead has an account by its companyDomain",
  );
});
