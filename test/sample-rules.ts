// The rules that the tests run by, so that a change of rules.ts at the top breaks no test of the router. See vitest.config.ts.

import { chain, fallback, form, matchedAccount, pod, rule, score, territory } from "lead-router";

const enterprise = pod("enterprise", { dailyCap: 8 });
const dach = pod("dach", { dailyCap: 15 });
const sdr = pod("sdr");
const nurture = pod("nurture");
const everyone = pod("everyone");

export default chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
  score("hot", { min: 80 }, enterprise),
  score("warm", { min: 40, max: 79 }, sdr),
  rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
  score("unscored", "none", nurture),
  fallback(everyone),
);

export const forms = [
  form("contact", { source: "website" }),
  form("demo", {
    aliases: {
      formspree: "xwkgabcd",
      web3forms: "6e1a2b3c-access-key",
      netlify: "Book a demo",
      hubspot: "0f0e0d0c-1111-4222-8333-444455556666",
      salesforce: "00D5g000004AbCd",
    },
    allowedOrigins: ["site.test", "*.site.test", "localhost:4321"],
    thanks: "https://site.test/thanks",
    fieldAliases: { "00N5g00000Abcde": "budget" },
  }),
  form("closed", { active: false }),
];
