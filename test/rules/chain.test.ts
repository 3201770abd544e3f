import { describe, expect, test } from "vitest";
import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
import sample from "../../rules.ts";

const dach = pod("dach", { dailyCap: 15 });
const sdr = pod("sdr");
const last = fallback(sdr);

describe("a chain that cannot work is refused when it loads, and the message names the rules", () => {
  test("no rules at all", () => {
    expect(() => chain()).toThrow("The chain cannot be used: it has no rules.");
  });

  test("two rules of one name", () => {
    const rules = [
      territory("DACH", { countryCode: "DE" }, dach),
      rule("DACH", { source: "ads" }, sdr),
      last,
    ];
    expect(() => chain(...rules)).toThrow('two rules are named "DACH"');
  });

  test("two account rules are two of one name as well", () => {
    const rules = [
      matchedAccount({ whenOwnerAway: "next" }),
      matchedAccount({ whenOwnerAway: "assign" }),
      last,
    ];
    expect(() => chain(...rules)).toThrow('two rules are named "matched account"');
  });

  test("a rule after the fallback", () => {
    const late = territory("late", { countryCode: "DE" }, dach);
    expect(() => chain(last, late)).toThrow(
      'rule "late" comes after "fallback", which takes every lead',
    );
  });

  test.each([{}, { fields: {} }])(
    "a rule after conditions that ask for nothing: %j",
    (conditions) => {
      const rules = [
        territory("world", conditions, dach),
        rule("late", { source: "ads" }, sdr),
        last,
      ];
      expect(() => chain(...rules)).toThrow(
        'rule "late" comes after "world", which takes every lead',
      );
      expect(() => chain(rule("all", conditions, dach), last)).toThrow(
        'rule "fallback" comes after "all", which takes every lead',
      );
    },
  );

  test("no fallback", () => {
    expect(() => chain(territory("DACH", { countryCode: "DE" }, dach))).toThrow(
      "it has no fallback at its end",
    );
    expect(() => chain(territory("world", {}, dach))).toThrow("it has no fallback at its end");
  });

  test("overlapping score bands, neighbours or not", () => {
    const rules = [
      score("hot", { min: 80 }, dach),
      score("cold", { max: 9 }, sdr),
      score("warm", { min: 40 }, sdr),
      last,
    ];
    expect(() => chain(...rules)).toThrow('the score bands of "hot" and "warm" overlap');
    expect(() => chain(score("a", "none", sdr), score("b", "none", sdr), last)).toThrow(
      'the score bands of "a" and "b" overlap',
    );
  });

  test("one pod with two meanings", () => {
    const other = pod("dach", { dailyCap: 20 });
    const rules = [
      territory("DE", { countryCode: "DE" }, dach),
      territory("AT", { countryCode: "AT" }, other),
      last,
    ];
    expect(() => chain(...rules)).toThrow(
      'pod "dach" has other settings in rule "AT" than in rule "DE"',
    );
  });

  test("every problem is told at once", () => {
    const rules = [score("hot", { min: 80 }, dach), score("hot", { min: 40 }, sdr)];
    expect(() => chain(...rules)).toThrow(/two rules are named "hot".*no fallback.*overlap/);
  });
});

describe("a chain that works", () => {
  test("lists each pod once, in order of mention", () => {
    const again = pod("dach", { dailyCap: 15 });
    const { pods, rules } = chain(
      matchedAccount({ whenOwnerAway: "next" }),
      territory("DE", { countryCode: "DE" }, dach),
      territory("AT", { countryCode: "AT" }, again),
      last,
    );
    expect(pods).toEqual([dach, sdr]);
    expect(rules.map(({ name }) => name)).toEqual(["matched account", "DE", "AT", "fallback"]);
  });

  test("rules.ts is one", () => {
    expect(sample.pods.map(({ id }) => id)).toEqual([
      "dach",
      "enterprise",
      "sdr",
      "nurture",
      "everyone",
    ]);
    expect(sample.rules.at(-1)?.kind).toBe("fallback");
  });
});
