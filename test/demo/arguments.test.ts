import { expect, test } from "vitest";
import { readArguments, UsageError } from "../../demo/arguments.ts";

test("without arguments it is the sample, and it ends by itself", () => {
  expect(readArguments([])).toEqual({ csvPath: null, serve: false, help: false });
});

test("a file and --serve go together, in any order", () => {
  const expected = { csvPath: "leads.csv", serve: true, help: false };
  expect(readArguments(["leads.csv", "--serve"])).toEqual(expected);
  expect(readArguments(["--serve", "leads.csv"])).toEqual(expected);
});

test.each([[["--sevre"]], [["a.csv", "b.csv"]]])(
  "%j is refused, and the message says what there is",
  (args) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow("npm run demo -- leads.csv");
  },
);
