import { expect, it } from "vitest";
import { parseStat } from "../../bench/cost/cpu.ts";

it("reads a process's CPU time, whatever its name holds", () => {
  const stat =
    "4242 (work) erd) S 41 4242 4242 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 8 0 1 2 3 4 5 6 7";
  expect(parseStat(stat)).toEqual({ pid: 4242, name: "work) erd", parent: 41, ticks: 200 });
});
