import { chain, fallback, form, matchedAccount, pod, rule, score, territory } from "lead-router";

// Which rep gets which lead. Rules are tried from top to bottom, and the first rule that finds an available rep wins.
// If nobody in a rule's pod is available, the lead goes on to the next rule. Every decision records which rule won and
// why each rule above it did not.
//
// To change the rules: edit them, test them (test/rules.test.ts), run `npm run rules` to check them, replay past leads
// (`npm run rules -- replay`) to see what would have changed, and deploy. docs/rules.md shows each step.
//
// All conditions of a rule must hold; in a list one match is enough; { min, max } includes both ends; "none" means that
// the value is missing. Score bands must not overlap: a lead is warm up to 79.99 and hot from 80.
//
// Pod members, their own caps and absences are data. You change them through the API, not here.

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

// Forms on your websites. Each form accepts posts to /f/KEY. With `aliases` it also accepts the existing markup of another
// form service, in which you change only the host. The lead's field `_form` has the form's key, and rules can use it.
//
// Without `allowedOrigins` any page can post to a form. Secrets are only named here; set them with `wrangler secret put`.

export const forms = [
  form("contact", {
    // allowedOrigins: ["example.com", "*.example.com"],
    // thanks: "https://example.com/thanks",
    // aliases: { formspree: "xwkgabcd", hubspot: "a form's GUID", salesforce: "your oid" },
    // captcha: { turnstile: "TURNSTILE_SECRET", whenUnreachable: "quarantine" },
    source: "website",
  }),
];
