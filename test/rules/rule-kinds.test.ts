import { describe, expect, test } from "vitest";
import {
  fallback,
  pod,
  rule,
  score,
  territory,
  type Conditions,
  type Lead,
  type ScoreBand,
} from "lead-router";
import { bandsOverlap } from "../../src/rules/conditional-rules.ts";
import { aLead, theFacts } from "./examples.ts";

const sdr = pod("sdr");
const facts = theFacts();

/** Conditions as a JSON file or a caller without types would bring them. */
function untyped(conditions: unknown): Conditions {
  return conditions as Conditions;
}

describe("territory", () => {
  const dach = territory("DACH", { countryCode: ["DE", "AT", "CH"] }, sdr);

  test("sends leads of the territory to its pod", () => {
    expect(dach.evaluate(aLead(), facts)).toEqual({
      outcome: "ask_pod",
      pod: sdr,
      reason: "the country is DE",
    });
  });

  test("says which condition missed", () => {
    const verdict = dach.evaluate(aLead({ countryCode: null }), facts);
    expect(verdict).toEqual({ outcome: "no_match", reason: "the country is missing" });
  });

  test("shows what it looks at", () => {
    expect(dach).toMatchObject({
      name: "DACH",
      kind: "territory",
      pod: sdr,
      definition: { conditions: { countryCode: ["DE", "AT", "CH"] } },
      catchesAll: false,
    });
  });
});

describe("score", () => {
  test("takes its band, both ends included", () => {
    const warm = score("warm", { min: 40, max: 79 }, sdr);
    const outcomes = [39, 40, 79, 80].map(
      (points) => warm.evaluate(aLead({ score: points }), facts).outcome,
    );
    expect(outcomes).toEqual(["no_match", "ask_pod", "ask_pod", "no_match"]);
    expect(warm.kind).toBe("score");
  });

  test("takes the unscored", () => {
    const unscored = score("unscored", "none", sdr);
    expect(unscored.evaluate(aLead({ score: null }), facts)).toMatchObject({
      reason: "the score is missing",
    });
    expect(unscored.evaluate(aLead({ score: 0 }), facts)).toMatchObject({ outcome: "no_match" });
  });

  test.each<[ScoreBand, ScoreBand, boolean]>([
    [{ min: 80 }, { min: 40 }, true],
    [{ min: 80 }, { min: 40, max: 79 }, false],
    [{ min: 80 }, { min: 40, max: 80 }, true],
    [{ max: 10 }, { min: 20 }, false],
    [{ max: 10 }, { max: 5 }, true],
    [{ min: 0, max: 100 }, { min: 40, max: 50 }, true],
    ["none", { min: 0 }, false],
    ["none", "none", true],
  ])("bands %j and %j overlap: %j", (one, other, overlap) => {
    expect(bandsOverlap(one, other)).toBe(overlap);
    expect(bandsOverlap(other, one)).toBe(overlap);
  });
});

describe("rule", () => {
  test("on conditions", () => {
    const small = rule(
      "small teams",
      { source: "referral", fields: { company_size: { max: 50 } } },
      sdr,
    );
    expect(small.evaluate(aLead({ fields: { company_size: "35" } }), facts)).toMatchObject({
      outcome: "ask_pod",
      reason: "the source is referral and company_size is at most 50",
    });
    expect(small.evaluate(aLead(), facts)).toEqual({
      outcome: "no_match",
      reason: "company_size is missing",
    });
  });

  test("on a predicate, whose name is its explanation", () => {
    function looksStrategic(lead: Lead): boolean {
      return lead.companyDomain?.endsWith(".gov") ?? false;
    }
    const strategic = rule("strategic", looksStrategic, sdr);
    expect(strategic.definition).toEqual({ predicate: "looksStrategic" });
    expect(strategic.evaluate(aLead({ companyDomain: "nasa.gov" }), facts)).toMatchObject({
      outcome: "ask_pod",
      reason: "looksStrategic says yes",
    });
    expect(strategic.evaluate(aLead(), facts)).toMatchObject({
      outcome: "no_match",
      reason: "looksStrategic says no",
    });
  });

  test("refuses a predicate without a name", () => {
    expect(() => rule("strategic", () => true, sdr)).toThrow(
      'rule "strategic": its predicate has no name',
    );
  });

  test("a predicate that fails lets the lead pass on, and repeats nothing of it", () => {
    function breaks(lead: Lead): boolean {
      throw new RangeError(`bad lead ${lead.email}`);
    }
    expect(rule("broken", breaks, sdr).evaluate(aLead(), facts)).toEqual({
      outcome: "no_match",
      reason: "breaks failed (RangeError)",
    });
  });
});

describe("fallback", () => {
  test("takes every lead", () => {
    const last = fallback(sdr);
    expect(last).toMatchObject({ name: "fallback", kind: "fallback", catchesAll: true });
    expect(last.evaluate(aLead({ countryCode: null, score: null }), facts)).toMatchObject({
      outcome: "ask_pod",
      pod: sdr,
    });
  });
});

describe("pod", () => {
  test("keeps its id and settings", () => {
    expect(pod("dach", { dailyCap: 15, openCap: 0 })).toEqual({
      id: "dach",
      settings: { dailyCap: 15, openCap: 0 },
    });
    expect(pod("dach")).toEqual({ id: "dach", settings: {} });
  });

  test.each(["", "DACH", "-dach", "da ch", "dach/bo", "d".repeat(64)])(
    "refuses the id %j",
    (id) => {
      expect(() => pod(id)).toThrow(`pod "${id}": the id must be`);
    },
  );

  test.each([-1, 1.5, NaN, Infinity])("refuses a cap of %j", (cap) => {
    expect(() => pod("dach", { dailyCap: cap })).toThrow(
      'pod "dach": "dailyCap" must be a whole number, 0 or more',
    );
    expect(() => pod("dach", { openCap: cap })).toThrow(
      'pod "dach": "openCap" must be a whole number, 0 or more',
    );
  });

  test("refuses a setting it does not have", () => {
    const settings = { dailycap: 3 };
    expect(() => pod("dach", settings as object)).toThrow(
      'pod "dach": "dailycap" is no setting of a pod',
    );
  });
});

describe("a rule that cannot work is refused when it loads, by name", () => {
  test.each<[unknown, string]>([
    [
      { score: { min: 80, max: 40 } },
      '"score" is an impossible range: its min 80 is over its max 40',
    ],
    [{ score: { min: NaN } }, '"score" is an impossible range: its min is NaN'],
    [
      { fields: { size: { max: Infinity } } },
      'field "size" is an impossible range: its max is Infinity',
    ],
    [{ fields: { size: {} } }, 'field "size" is an empty range'],
    [{ score: { over: 3 } }, '"score" is a range with "over"'],
    [{ contryCode: "DE" }, '"contryCode" is nothing a rule can look at'],
    [
      { countryCode: ["DE", "XX"] },
      '"countryCode" must be ISO 3166-1 alpha-2 codes in capitals, or "none"; "XX" is neither',
    ],
    [{ countryCode: undefined }, '"countryCode" must be ISO 3166-1 alpha-2'],
    [{ countryCode: [] }, '"countryCode" is an empty list'],
    [{ source: { min: 1 } }, '"source" must be text or "none", not {"min":1}'],
    [{ source: " " }, '"source" is blank; a missing value is written "none"'],
    [{ score: "80" }, '"score" must be a number, a range or "none", not "80"'],
    [{ fields: ["size"] }, '"fields" is not an object'],
    [{ fields: { size: null } }, 'field "size" must be a number, a range or "none", not null'],
    [null, "its conditions are not an object"],
  ])("%j", (conditions, message) => {
    expect(() => territory("DACH", untyped(conditions), sdr)).toThrow(
      `territory "DACH": ${message}`,
    );
    expect(() => rule("small teams", untyped(conditions), sdr)).toThrow(
      `rule "small teams": ${message}`,
    );
  });

  test("score bands too", () => {
    expect(() => score("hot", { min: 9, max: 1 }, sdr)).toThrow(
      'score "hot": "score" is an impossible range',
    );
  });

  test("a name is needed", () => {
    expect(() => territory(" ", { countryCode: "DE" }, sdr)).toThrow(
      'a rule of kind "territory" has no name',
    );
    expect(() => rule("", (lead) => lead.score === 1, sdr)).toThrow(
      'a rule of kind "rule" has no name',
    );
  });
});
