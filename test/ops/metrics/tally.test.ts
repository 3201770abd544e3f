import { describe, expect, it } from "vitest";
import {
  addCounts,
  addStored,
  type CountRow,
  emptyTally,
  nameSource,
  readStored,
  toStored,
} from "../../../src/record/tally.ts";

/** Decisions that a tally counts, all told. */
function sumOf(rows: readonly CountRow[]): number {
  return rows.reduce((sum, [, , , , first, later]) => sum + first + later, 0);
}

describe("a quarter-hour's tally", () => {
  it("names 50 sources and counts the rest under (other)", () => {
    const tally = emptyTally();
    for (let n = 0; n < 80; n++) addCounts(tally, ["ana", "dach", "DACH", `source ${n}`, 1, 0]);
    const { counts } = toStored(tally);
    expect(counts).toHaveLength(51);
    expect(counts.find(([, , , source]) => source === "(other)")).toEqual([
      "ana",
      "dach",
      "DACH",
      "(other)",
      30,
      0,
    ]);
  });

  it("stays far below what D1 takes as a value, and loses no decision, whatever comes", () => {
    const tally = emptyTally();
    for (let n = 0; n < 60_000; n++)
      addCounts(tally, [`representative-${n % 20_000}`, "dach", "DACH", `source ${n % 50}`, 1, 0]);
    const stored = toStored(tally);
    expect(sumOf(stored.counts)).toBe(60_000);
    expect(JSON.stringify(stored).length).toBeLessThan(500_000);
  });

  it("comes back from its row as it was, and adds up", () => {
    const tally = emptyTally();
    addCounts(tally, ["ana", "dach", "DACH", null, 2, 1]);
    const row = JSON.stringify(toStored(tally));
    const twice = emptyTally();
    addStored(twice, readStored(row));
    addStored(twice, readStored(row));
    expect(toStored(twice).counts).toEqual([["ana", "dach", "DACH", null, 4, 2]]);
  });

  it("of a later version is refused, not misread", () => {
    expect(() => readStored('{"v":2}')).toThrow("a rollup of version 2 cannot be read");
  });
});

describe("a source", () => {
  it.each([
    ["expo 2026", "expo 2026"],
    [" web ", "web"],
    ["", null],
    [null, null],
    ["120208317563590127", "120208317563590127"],
    ["jane@acme.test", "(other)"],
    ["+49 170 1234567", "(other)"],
  ])("%j is named %j", (source, named) => {
    expect(nameSource(source)).toBe(named);
  });
});
