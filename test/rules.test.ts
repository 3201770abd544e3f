// What rules.ts does with leads, one test a rule. Yours to change with it: `npm test` runs this against the real file.
// A lead is what a test says of it and nothing else; every pod has somebody, unless `nobodyIn` says otherwise.

import { expect, test } from "vitest";
import chain from "#rules";
import "./route-matchers.ts";
import { leadsThrough } from "./routed-lead.ts";

const lead = leadsThrough(chain);

test("whoever owns the account gets its leads, unless they are away", () => {
  const fromAcme = { companyDomain: "acme.com", countryCode: "DE" };
  expect(lead(fromAcme, { account: { owner: "ana" } })).toGoTo("ana", { by: "matched account" });
  expect(lead(fromAcme, { account: { owner: "ana", away: true } })).toRouteTo("dach");
});

test("Germany, Austria and Switzerland have reps of their own, whatever the score", () => {
  for (const countryCode of ["DE", "AT", "CH"])
    expect(lead({ countryCode, score: 95 })).toRouteTo("dach", { by: "DACH" });
});

test("hot leads go to enterprise, from 80 points on", () => {
  expect(lead({ countryCode: "US", score: 80 })).toRouteTo("enterprise", { by: "hot" });
});

test("warm leads go to the sales development reps, from 40 points to 79.99", () => {
  for (const score of [40, 79.99]) expect(lead({ score })).toRouteTo("sdr", { by: "warm" });
});

test("a small team that was referred is worth a call, however few its points", () => {
  const referred = { source: "referral", score: 10 };
  expect(lead({ ...referred, fields: { company_size: "50" } })).toRouteTo("sdr", {
    by: "small teams",
  });
  expect(lead({ ...referred, fields: { company_size: "51" } })).toRouteTo("everyone");
});

test("leads without a score are nurtured", () => {
  expect(lead({ countryCode: "FR" })).toRouteTo("nurture", { by: "unscored" });
});

test("what is left goes to everyone", () => {
  expect(lead({ score: 39.99 })).toRouteTo("everyone", { by: "fallback" });
});

test("a pod that is full passes the lead on", () => {
  const hotGerman = { countryCode: "DE", score: 90 };
  expect(lead(hotGerman, { nobodyIn: ["dach"] })).toRouteTo("enterprise", { by: "hot" });
  expect(lead(hotGerman, { nobodyIn: ["dach", "enterprise", "everyone"] })).toFindNobody();
});
