import { describe, expect, it } from "vitest";
import { keepsTarget, ratioOf } from "../../bench/bench.ts";
import { verdictOf } from "../../bench/report/report.ts";
import { figureOf } from "./figures.ts";

const reference = { name: "bare", value: 120 };

describe("a figure's target", () => {
  it.each([
    ["at least so much of the value", { of: "value", at: "least", limit: 100 }, "kept"],
    ["at least more than the value", { of: "value", at: "least", limit: 100.1 }, "MISSED"],
    ["at most so much of the value", { of: "value", at: "most", limit: 100 }, "kept"],
    ["at most less than the value", { of: "value", at: "most", limit: 99.9 }, "MISSED"],
    ["at least so much of the ratio", { of: "ratio", at: "least", limit: 0.8 }, "kept"],
    ["at least more than the ratio", { of: "ratio", at: "least", limit: 0.9 }, "MISSED"],
  ] as const)("%s: %o is %s", (_name, target, verdict) => {
    expect(verdictOf(figureOf({ reference, target }))).toBe(verdict);
  });

  it("of a ratio is missed where there is nothing to divide by", () => {
    const target = { of: "ratio", at: "least", limit: 0.1 } as const;
    expect(verdictOf(figureOf({ target }))).toBe("MISSED");
  });

  it("is missed by what could not be measured", () => {
    const target = { of: "value", at: "most", limit: 5 } as const;
    expect(verdictOf(figureOf({ value: Number.NaN, target }))).toBe("MISSED");
  });

  it("is neither kept nor missed where there is none", () => {
    expect(keepsTarget(figureOf())).toBeNull();
    expect(verdictOf(figureOf())).toBe("");
    expect(ratioOf(figureOf())).toBeNull();
  });
});
