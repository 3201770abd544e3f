import { chain, fallback, form, matchedAccount, pod, rule, score, territory } from "lead-router";

// Who gets which lead. The rules are tried from top to bottom: the first that finds a rep takes the lead,
// and a pod in which nobody is eligible passes it on. Every decision stores which rule took it and why the
// rules above did not.
//
// To change who gets what: change a rule or move it, test it (test/rules.test.ts), look at what `npm run rules` says,
// replay what it would have done (`npm run rules -- replay`), and deploy. docs/rules.md shows each step.
//
// Within a rule every key must hold; in a list one element is enough; { min, max } includes both ends; "none" is a
// missing value. Score bands must not overlap: up to 79.99 a lead is warm, from 80 on it is hot.
//
// Who is in a pod, whose cap differs and who is away are data: they change through the API, not here.

const enterprise = pod("enterprise", { dailyCap: 8 });
const dach = pod("dach", { dailyCap: 15 });
const sdr = pod("sdr");
const nurture = pod("nurture");
const everyone = pod("everyone");

export default chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
  score("hot", { min: 80 }, enterprise),
  score("warm", { min: 40, max: 79.99 }, sdr),
  rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
  score("unscored", "none", nurture),
  fallback(everyone),
);

// Forms of your websites. Each takes what is posted to /f/KEY, and what the markup of another form service posts once only the
// host in it is changed (`aliases`). A lead carries its form's key in the field `_form`, which a rule can ask for.
//
// Without `allowedOrigins` any page may post a form. Secrets are named here and set with `wrangler secret put`.

export const forms = [
  form("contact", {
    // allowedOrigins: ["example.com", "*.example.com"],
    // thanks: "https://example.com/thanks",
    // aliases: { formspree: "xwkgabcd", hubspot: "a form's GUID", salesforce: "your oid" },
    // captcha: { turnstile: "TURNSTILE_SECRET", whenUnreachable: "quarantine" },
    source: "website",
  }),
];
