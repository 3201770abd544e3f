import { describe, expect, test } from "vitest";
import {
  chain,
  fallback,
  matchedAccount,
  pod,
  rule,
  score,
  territory,
  type Lead,
  type Rule,
} from "lead-router";
import { checkChain } from "../../../src/cli/check/check-chain.ts";
import sample from "../../../rules.ts";

const dach = pod("dach");
const enterprise = pod("enterprise");
const sdr = pod("sdr");
const everyone = pod("everyone");

/** What is said of rules over a fallback to `everyone`: each finding in one line, then what to do. */
function check(...rules: readonly Rule[]): readonly string[] {
  const checked = chain(...rules, fallback(everyone));
  return checkChain(checked, checked.pods).findings.map(
    ({ severity, says, advice }) => `${severity}: ${says} → ${advice}`,
  );
}

describe("rules that cannot be reached", () => {
  test("one that wants nothing but what another for the same pod takes", () => {
    expect(
      check(
        territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
        rule("German ads", { countryCode: "DE", source: "ads" }, dach),
      ),
    ).toEqual([
      'error: "German ads" never gets a lead: "DACH" above it already matches all of its leads, for the same pod (dach). → Move "German ads" above "DACH", send it to another pod, or delete it.',
    ]);
  });

  test("one for another pod is an overflow, and told as such", () => {
    expect(
      check(
        territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
        rule("German ads", { countryCode: "DE", source: "ads" }, sdr),
      ),
    ).toEqual([
      'warning: "German ads" only gets leads passed on by dach: "DACH" above it already matches all of its leads. → Leave it if it is meant for overflow; otherwise move it above "DACH".',
    ]);
  });

  test("several rules above may take together what one wants", () => {
    expect(
      check(
        territory("France", { countryCode: "FR" }, sdr),
        rule("small", { fields: { size: { max: 50 } } }, sdr),
        rule("large", { fields: { size: { min: 50 } } }, enterprise),
        rule("German and sized", { countryCode: "DE", fields: { size: { min: 10 } } }, dach),
      ),
    ).toEqual([
      'warning: "German and sized" only gets leads passed on by sdr and enterprise: "small" and "large" above it together already match all of its leads. → Leave it if it is meant for overflow; otherwise move it above "small" and "large".',
    ]);
  });

  test("what is narrower comes first: that is how it should be", () => {
    expect(
      check(
        rule("German ads", { countryCode: "DE", source: "ads" }, sdr),
        territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
      ),
    ).toEqual([]);
  });

  test("a rule by function hides nothing and is not hidden; the report says that it was not looked into", () => {
    function looksStrategic(lead: Lead): boolean {
      return lead.companyDomain?.endsWith(".gov") ?? false;
    }
    const rules = chain(
      matchedAccount({ whenOwnerAway: "next" }),
      rule("strategic", looksStrategic, enterprise),
      territory("DACH", { countryCode: "DE" }, dach),
      fallback(everyone),
    );
    expect(checkChain(rules, rules.pods)).toEqual({
      findings: [],
      notes: [
        '"strategic" decides by the function looksStrategic: the check cannot look inside, and does not compare it with other rules.',
      ],
    });
  });

  test("a function that fails on a bare lead", () => {
    function isLarge({ fields }: Lead): boolean {
      return Number(fields["seats"]) > 50;
    }
    function isSpring({ fields }: Lead): boolean {
      return JSON.parse(String(fields["campaign"])).name === "spring";
    }
    expect(check(rule("large", isLarge, sdr), rule("spring", isSpring, enterprise))).toEqual([
      'warning: The function of "spring" fails on a lead that sent only an email: isSpring failed (SyntaxError), so the rule passes such a lead on. → Make isSpring expect null for every field that a form may leave out.',
    ]);
  });
});

describe("score bands", () => {
  const unscored = score("unscored", "none", everyone);

  test("holes between them, below them and above them", () => {
    expect(
      check(
        score("hot", { min: 80, max: 100 }, enterprise),
        score("warm", { min: 50, max: 60 }, sdr),
        score("cool", { min: 20, max: 49 }, dach),
        unscored,
      ),
    ).toEqual([
      'warning: Scores under 20 are in no band: those no other rule takes go to the fallback (everyone). → Leave it if that is intended; otherwise add a band below "cool".',
      'warning: Scores over 49 and under 50, such as 49.5, are in no band: those no other rule takes go to the fallback (everyone). → Leave it if every score is a whole number; otherwise end "cool" at max: 49.99.',
      'warning: Scores over 60 and under 80, such as 70, are in no band: those no other rule takes go to the fallback (everyone). → Extend "warm" up to "hot", or add a band between them.',
      'warning: Scores over 100 are in no band: those no other rule takes go to the fallback (everyone). → Remove the max of "hot", or add a band above it.',
    ]);
  });

  test("leads without a score", () => {
    expect(
      check(score("hot", { min: 80 }, enterprise), rule("cold", { score: { max: 80 } }, sdr)),
    ).toEqual(
      [
        'warning: The score 80 is in the bands of both "hot" and "cold": "hot" is tried first. → Start one band where the other ends.',
        'warning: Leads without a score are in no band: those no other rule takes go to the fallback (everyone). → Leave it if that is intended; otherwise add a band for them: score("unscored", "none", pod).',
      ].toReversed(),
    );
  });

  test("bands that overlap, where the chain itself does not refuse it", () => {
    expect(
      check(
        rule("hot", { score: [{ min: 80 }, { max: 9 }] }, enterprise),
        score("warm", { min: 5, max: 90 }, sdr),
        unscored,
      ),
    ).toEqual([
      'warning: Scores from 80 to 90 are in the bands of both "hot" and "warm": "hot" is tried first. → Start one band where the other ends.',
    ]);
  });

  test("no hole where a rule of another kind has the band, and none around a single band", () => {
    expect(
      check(
        rule("cold", { score: { max: 80 } }, everyone),
        score("hot", { min: 80.5 }, enterprise),
        rule("exactly", { score: [{ min: 80, max: 80.5 }, "none"] }, sdr),
      ).filter((line) => !line.includes("in the bands of both")),
    ).toEqual([]);
    expect(check(score("hot", { min: 80 }, enterprise), unscored)).toEqual([]);
  });
});

describe("territories", () => {
  test("a country in two of them", () => {
    expect(
      check(
        territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
        territory("Alps", { countryCode: ["FR", "AT", "CH"] }, sdr),
      ),
    ).toEqual([
      'warning: AT and CH are in two territories, "DACH" and "Alps": the second only sees leads that the first passes on. → Remove AT and CH from one of them, or make "DACH" narrower than "Alps".',
    ]);
  });

  test("a part of a country before the whole is how it should be", () => {
    expect(
      check(
        territory("Bavaria", { countryCode: "DE", region: ["Bavaria", "Bayern"] }, dach),
        territory("Germany and Austria", { countryCode: ["DE", "AT"] }, sdr),
      ),
    ).toEqual([]);
  });
});

describe("one rule against itself", () => {
  test("a list of ranges that every number meets", () => {
    expect(check(rule("warm", { score: [{ min: 40 }, { max: 79 }] }, sdr))).toEqual([
      'error: "warm" takes any number for the score: one match in a list is enough, and every number matches one of these. → To set both ends at once, write one range: { min: …, max: … }.',
    ]);
  });

  test("a value twice, once in other letters, and one that a range has already", () => {
    expect(
      check(
        rule("twice", { source: ["ads", "web", "ads"], region: ["Bavaria", "BAVARIA "] }, sdr),
        rule("within", { fields: { seats: [{ min: 80 }, 85, true, "true"] } }, sdr),
      ),
    ).toEqual([
      'warning: "twice" lists "Bavaria" and "BAVARIA " for the region, which are the same: case and white space make no difference. → Delete one of them.',
      'warning: "twice" lists "ads" twice for the source. → Delete one of them.',
      'warning: "within" lists 85 for the field "seats", which { min: 80 } already includes. → Delete 85.',
      'warning: "within" lists true and "true" for the field "seats", which are the same: case and white space make no difference. → Delete one of them.',
    ]);
  });

  test("a form field that intake reads as one of the lead's own", () => {
    expect(
      check(
        rule("by country", { countryCode: "DE", fields: { Country: ["DE", "none"] } }, dach),
        rule("by score", { fields: { lead_score: { min: 80 } } }, enterprise),
        rule("by mail", { fields: { email: "ada@acme.com" } }, sdr),
        rule(
          "by page",
          { fields: { website: "https://acme.com/pricing", utm_source: "ads" } },
          sdr,
        ),
      ),
    ).toEqual([
      'error: "by country" looks at the form field "Country", but the router reads that as the lead\'s country and removes it from the fields. → Write countryCode: … instead of fields: { "Country": … }.',
      'error: "by score" looks at the form field "lead_score", but the router reads that as the lead\'s score and removes it from the fields. → Write score: … instead of fields: { "lead_score": … }.',
      'error: "by mail" looks at the form field "email", but the router reads that as the lead\'s email and removes it from the fields. → Use a function that looks at lead.email.',
    ]);
  });

  test("values that no lead has", () => {
    expect(
      check(
        rule("acme", { companyDomain: ["www.acme.com", "Beta.de"] }, sdr),
        rule("word", { companyDomain: "acme" }, sdr),
        rule("york", { region: "New  York" }, sdr),
      ),
    ).toEqual([
      'error: "word" asks for the company domain "acme", which no lead has: the router keeps the registered domain, without www or a path. → Write a domain such as "acme.com".',
      'error: "york" asks for the region "New  York", which no lead has: the router keeps one space between words. → Write "New York".',
      'warning: "acme" asks for the company domain "www.acme.com", which no lead has: the router keeps the registered domain, without www or a path. → Write "acme.com".',
    ]);
  });

  test("one form field in two spellings", () => {
    expect(
      check(
        rule("small", { fields: { company_size: { max: 50 } } }, sdr),
        rule("large", { fields: { "Company Size": { min: 500 } } }, enterprise),
      ),
    ).toEqual([
      'warning: "company_size" and "Company Size" are 2 different form fields to "small" and "large". → Spell the field everywhere as your form sends it.',
    ]);
  });
});

describe("pods", () => {
  test("one that no rule sends to", () => {
    const rules = chain(score("hot", { min: 80 }, enterprise), fallback(everyone));
    const { findings } = checkChain(rules, [enterprise, sdr, everyone, pod("sdr")]);
    expect(findings).toEqual([
      {
        severity: "warning",
        kind: "unused_pod",
        rules: [],
        pods: ["sdr"],
        says: "No rule sends leads to the pod sdr: its members get none from the rules.",
        advice: "Add a rule that sends to it, or delete it.",
      },
    ]);
  });

  test("one whose members get nothing, and one that keeps leads for days", () => {
    expect(
      check(
        territory("DACH", { countryCode: "DE" }, pod("dach", { dailyCap: 0 })),
        territory(
          "US",
          { countryCode: "US" },
          pod("us", { whenNobody: "wait", waitAtMost: { days: 3 } }),
        ),
      ),
    ).toEqual([
      "warning: Members of dach without a cap of their own get no leads: its dailyCap is 0. → Raise dailyCap, or remove it for no cap.",
      'warning: A lead may wait 72 hours in us before the rules below "US" are tried. → Shorten waitAtMost, unless nobody else could take such a lead anyway.',
    ]);
  });

  test("the last one may keep them as long as it likes", () => {
    const patient = pod("patient", { whenNobody: "wait", waitAtMost: { days: 3 } });
    const rules = chain(fallback(patient));
    expect(checkChain(rules, rules.pods).findings).toEqual([]);
  });
});

test("the sample chain has two holes between its bands, and nothing else", () => {
  const { findings, notes } = checkChain(sample, sample.pods);
  expect(findings.map(({ kind, rules }) => [kind, rules])).toEqual([
    ["score_gap", ["warm"]],
    ["score_gap", ["warm", "hot"]],
  ]);
  expect(notes).toEqual([]);
});
