import { describe, expect, it } from "vitest";
import type { Bench } from "../../bench/bench.ts";
import { BYTES_FIGURE, POD_FIGURE, STATEMENTS_FIGURE } from "../../bench/cost/cost-figures.ts";
import { renderMarkdown } from "../../bench/report/markdown.ts";
import { formatNumber, formatValue } from "../../bench/report/numbers.ts";
import { listReach } from "../../bench/report/reach.ts";
import { runBenches } from "../../bench/report/run-benches.ts";
import { renderTerminal } from "../../bench/report/terminal.ts";
import { figureOf, reportOf, sectionOf } from "./figures.ts";

const kept = figureOf({
  name: "the door",
  reference: { name: "bare route", value: 110 },
  target: { of: "ratio", at: "least", limit: 0.9 },
});
const missed = figureOf({
  name: "rows",
  unit: "rows/lead",
  value: 6.5,
  spread: null,
  target: { of: "value", at: "most", limit: 6 },
});
const measured = {
  name: "intake",
  seconds: 12,
  section: sectionOf({
    figures: [kept, missed],
    tables: [{ title: "By size", columns: ["size", "rows"], rows: [["a|b", 12_345.6]] }],
    limits: ["One core."],
  }),
};
const failed = { name: "routing", seconds: 1, failure: "workerd did not start" };

describe("docs/performance.md", () => {
  const page = renderMarkdown(reportOf(measured, failed));

  it("says with what was measured, when and how", () => {
    for (const said of ["Tin 3000", "2 cores", "`abc1234`", "2026-11-23 02:30", "npm run bench"])
      expect(page).toContain(said);
  });

  it("names every missed target at the top, before any section", () => {
    const top = page.slice(0, page.indexOf("## Intake"));
    expect(top).toContain("Of 2 targets 1 was missed");
    expect(top).toContain("**Intake: rows**: 6.5 rows/lead, aimed at ≤ 6 rows/lead");
  });

  it("shows a figure with its spread, reference, ratio, target and verdict", () => {
    expect(page).toContain(
      "| the door | 100 requests/s ± 10 % | 110 requests/s (bare route) | 0.909 × | ≥ 0.9 × | kept |",
    );
    expect(page).toContain("| **MISSED** |");
  });

  it("keeps a table a table, whatever is in its cells", () => {
    expect(page).toContain("| a\\|b | 12,346 |");
  });

  it("says what limits the figures, and which bench failed", () => {
    expect(page).toContain("- One core.");
    expect(page).toContain("**Not measured: it failed.** workerd did not start");
    expect(page).toContain("Could not be measured in this run: routing.");
  });

  it("says that all was kept when it was", () => {
    const section = sectionOf({ figures: [kept] });
    expect(renderMarkdown(reportOf({ ...measured, section }))).toContain(
      "All 1 targets were kept.",
    );
  });
});

describe("the table at the end of a run", () => {
  it("has a line for each figure, in columns, and one for what failed", () => {
    const lines = renderTerminal(reportOf(measured, failed)).split("\n");
    const columns = ["± 10 %", "bare route", "0.909 ×", "≥ 0.9 ×", "kept"];
    const line = lines.find((one) => one.includes("the door")) ?? "";
    for (const column of columns) expect(line).toContain(column);
    expect(lines[0]?.indexOf("target")).toBe(line.indexOf("≥ 0.9"));
    expect(lines.find((one) => one.includes("rows/lead"))).toMatch(/MISSED$/);
    expect(lines).toContain("routing FAILED (1 s): workerd did not start");
  });
});

describe("a number", () => {
  it.each([
    [12_345.6, "12,346"],
    [123.4, "123"],
    [12.34, "12.3"],
    [5.7299999, "5.73"],
    [0.0123, "0.0123"],
    [0.000_204, "0.0002"],
    [0, "0"],
    [Number.NaN, "–"],
  ])("%d is shown as %s", (value, shown) => {
    expect(formatNumber(value)).toBe(shown);
  });

  it("of dollars is shown in cents", () => {
    expect(formatValue(figureOf({ unit: "$", value: 7.5, spread: null }))).toBe("$7.50");
  });
});

describe("how far this goes", () => {
  const counted = [
    figureOf({ name: STATEMENTS_FIGURE, unit: "a lead", value: 2 }),
    figureOf({ name: POD_FIGURE, unit: "a lead", value: 0.02 }),
    figureOf({ name: BYTES_FIGURE, unit: "a lead", value: 2_000 }),
  ];
  const reach = new Map(listReach(counted).map((one) => [one.part, one]));

  it.each([
    ["One D1, statements", 500],
    ["One pod", 10_000],
    ["One queue", 5_000],
  ])("%s: %d leads a second", (part, leads) => {
    expect(reach.get(part)?.leadsPerSecond).toBeCloseTo(leads, 6);
  });

  it("takes door and routing in turn where both were measured: one thread does both", () => {
    const rates = [
      figureOf({ unit: "requests/s", value: 400 }),
      figureOf({ unit: "leads/s", value: 1_200 }),
    ];
    const one = listReach([...counted, ...rates]).find(({ part }) => part.includes("measured"));
    expect(one?.leadsPerSecond).toBeCloseTo(300, 6);
    expect(reach.has("One D1, as measured here")).toBe(false);
  });

  it("says how many leads a database holds", () => {
    expect(reach.get("One D1, size")?.arithmetic).toContain("5 million leads");
  });

  it("is not guessed when costs were not measured", () => {
    expect(listReach([])).toEqual([]);
  });
});

describe("a run", () => {
  const fine: Bench = { name: "fine", run: async () => sectionOf() };
  const broken: Bench = {
    name: "broken",
    async run() {
      throw new Error("no database");
    },
  };

  it("goes on after a bench that fails, and after one that does not load", async () => {
    const said: string[] = [];
    const benches = {
      broken: async () => broken,
      missing: async () => {
        throw new Error("Cannot find module");
      },
      fine: async () => fine,
    };
    const results = await runBenches(["broken", "missing", "fine"], benches, (line) =>
      said.push(line),
    );
    expect(results).toMatchObject([
      { name: "broken", failure: "no database" },
      { name: "missing", failure: "Cannot find module" },
      { name: "fine", section: { title: "Intake" } },
    ]);
    expect(said.join("\n")).toContain("broken: FAILED: Error: no database");
  });
});
