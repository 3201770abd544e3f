import { describe, expect, it } from "vitest";
import { readArguments, UsageError } from "../../bench/arguments.ts";

const NAMES = ["cost", "intake", "chain"];

describe("the arguments of npm run bench", () => {
  it("leave all out: every bench, no JSON", () => {
    expect(readArguments([], NAMES)).toEqual({ only: null, json: null, help: false });
  });

  it("name benches, which run in their own order, each once", () => {
    const { only, json } = readArguments(
      ["--only", "chain, cost,chain", "--json", "out.json"],
      NAMES,
    );
    expect(only).toEqual(["cost", "chain"]);
    expect(json).toBe("out.json");
  });

  it.each([
    [["--only", "chian"], 'there is no bench "chian". There are: cost, intake, chain.'],
    [["--only", ""], 'there is no bench "".'],
    [["--olny", "chain"], "Unknown option '--olny'"],
    [["chain"], "Unexpected argument 'chain'"],
  ])("%j are refused with what is wrong", (args, message) => {
    expect(() => readArguments(args, NAMES)).toThrow(UsageError);
    expect(() => readArguments(args, NAMES)).toThrow(message);
  });
});
