import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/cli/command.ts";
import { readArguments } from "../../../src/cli/rules/arguments.ts";

const url = "https://router.test/";

test("without any, rules.ts alone is checked", () => {
  expect(readArguments([], { LEAD_ROUTER_TOKEN: "secret" })).toEqual({
    help: false,
    file: "rules.ts",
    json: false,
    strict: false,
    live: null,
  });
});

test("the token comes from the environment, unless one is given", () => {
  const env = { LEAD_ROUTER_TOKEN: "secret" };
  const live = (args: readonly string[]) => readArguments(["--url", url, ...args], env).live;
  expect(live([])).toEqual({ url: "https://router.test", token: "secret" });
  expect(live(["--token", "other"])).toEqual({ url: "https://router.test", token: "other" });
});

describe("a slip is told in one message", () => {
  test.each([
    [["--strickt"], "Unknown option '--strickt'"],
    [["check"], "Unexpected argument 'check'"],
    [["--url", url], "--url needs a token: set LEAD_ROUTER_TOKEN, or give --token TOKEN."],
    [
      ["--url", "router.test", "--token", "t"],
      '--url should be a web address, such as https://…, not "router.test".',
    ],
    [["--token", "t"], "--token needs --url: the router it is for."],
  ])("%j", (args, message) => {
    expect(() => readArguments(args, {})).toThrow(UsageError);
    expect(() => readArguments(args, {})).toThrow(message);
  });
});
