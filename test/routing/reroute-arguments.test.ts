import { expect, test } from "vitest";
import { readArguments } from "../../src/cli/reroute/reroute-command.ts";

const ARGS = ["--url", "https://router.test", "--from", "2026-11-23T08:00:00Z", "--reason", "x"];
const TOKEN = { LEAD_ROUTER_TOKEN: "secret" };

test.each([
  [{ npm_config_pod: "dach" }, "npm run reroute -- --pod=dach"],
  [{ npm_config_chain_version: "bad0" }, "npm run reroute -- --chain-version=bad0"],
  [{ npm_config_exclude_owner: "true" }, "npm run reroute -- --exclude-owner"],
])("what narrows the leads and npm kept for itself is not left out: %j", (kept, words) => {
  expect(() => readArguments([...ARGS, "--yes"], { ...TOKEN, ...kept })).toThrow(words);
});

test("what npm has in its own configuration is no business of a re-routing", () => {
  const env = { ...TOKEN, npm_config_yes: "true", npm_config_pod: "sdr" };
  expect(readArguments([...ARGS, "--pod", "dach"], env)).toMatchObject({
    filter: { pod: "dach" },
    yes: false,
  });
});
