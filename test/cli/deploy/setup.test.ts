import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { destination } from "../../../src/rules/destination.ts";
import { chain, fallback, pod } from "lead-router";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseTokens } from "../../../src/ops/api/callers/tokens.ts";
import { readConfig } from "../../../src/cli/deploy/environment.ts";
import { setupCommand, type SetupIo } from "../../../src/cli/deploy/setup-command.ts";
import { runWrangler } from "../../../src/cli/deploy/wrangler.ts";
import type { DeclaredRules } from "../../../src/cli/deploy/secrets.ts";
import { FakeWrangler } from "./fake-wrangler.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SLACK = "https://hooks.slack.com/services/T000/B000/canary";
const STAGING_QUEUES = [
  "leads-staging",
  "notifications-staging",
  "deliveries-staging",
  "leads-dead-staging",
  "notifications-dead-staging",
];

const rules: DeclaredRules = {
  default: chain(fallback(pod("dach", { slack: "SLACK_DACH_WEBHOOK_URL" }))),
  destinations: [destination("crm", { url: "https://crm.acme.com/in", secrets: ["CRM_SECRET"] })],
};

let fake: FakeWrangler;
let said: string[];
let config: string;
beforeEach(() => {
  fake = new FakeWrangler();
  said = [];
  config = join(fake.folder, "wrangler.toml");
  writeFileSync(config, readFileSync(join(ROOT, "wrangler.toml")));
});
afterEach(() => fake.remove());

/** @param answers by what the question begins with; a list is used up one by one, what is not named is left empty */
function setUp(
  args: readonly string[],
  answers: Record<string, string | string[]> = {},
  io: Partial<SetupIo> = {},
): Promise<number> {
  const ask = async (question: string) => {
    said.push(question);
    const key = Object.keys(answers).find((start) => question.startsWith(start));
    const answer = key === undefined ? "" : answers[key];
    return (Array.isArray(answer) ? answer.shift() : answer) ?? "";
  };
  return setupCommand(args, {
    ask,
    askHidden: ask,
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    env: {},
    isTerminal: true,
    wrangler: runWrangler,
    readConfig: () => readConfig(config),
    readConfigText: () => readFileSync(config, "utf8"),
    writeConfigText: (text) => writeFileSync(config, text),
    loadRules: async () => rules,
    chance: (bytes) => new Uint8Array(bytes).fill(7),
    user: "ana",
    ...io,
  });
}

const everything = {
  "Archive old leads": "y",
  API_TOKENS: "",
  SLACK_WEBHOOK_URL: SLACK,
  SLACK_DACH_WEBHOOK_URL: SLACK,
  CRM_SECRET: "new",
};

test("a new account gets what the router needs, in order, and the secrets by standard input", async () => {
  expect(await setUp(["--env", "staging"], everything)).toBe(0);

  expect(fake.changes).toEqual([
    "d1 create lead-router-staging --update-config=false --env=staging",
    ...STAGING_QUEUES.map((name) => `queues create ${name} --env=staging`),
    "r2 bucket create lead-router-archive-staging --update-config=false --env=staging",
    "secret bulk --env=staging",
  ]);
  const secrets = fake.secrets ?? {};
  expect(Object.keys(secrets)).toEqual([
    "API_TOKENS",
    "SLACK_WEBHOOK_URL",
    "SLACK_DACH_WEBHOOK_URL",
    "CRM_SECRET",
  ]);
  expect(parseTokens(secrets["API_TOKENS"] ?? "")).toMatchObject([{ name: "ana", scope: "write" }]);
  expect(secrets["API_TOKENS"]).toMatch(/^ana:write:sha256-[0-9a-f]{64}$/);
  expect(secrets["CRM_SECRET"]).toMatch(/^whsec_/);

  const { env } = readConfig(config) as { env: { staging: Record<string, unknown[]> } };
  expect(env.staging["d1_databases"]).toMatchObject([
    { database_id: "uuid-of-lead-router-staging" },
  ]);
  expect(env.staging["r2_buckets"]).toEqual([
    { binding: "ARCHIVE", bucket_name: "lead-router-archive-staging" },
  ]);
});

test("what is made is shown once and in full; what was typed is never shown, nor on a command line, nor on disk", async () => {
  await setUp([], everything);
  const token = /lr_[\w-]{43}/.exec(said.join("\n"))?.[0] ?? "no token was shown";
  expect(said.join("\n").split(token)).toHaveLength(2);
  expect(said.join("\n")).not.toContain("canary");

  const secrets = Object.values(fake.secrets ?? {});
  const commands = fake.calls.map(({ command }) => command).join("\n");
  for (const value of [...secrets, token]) expect(commands).not.toContain(value);
  // The account's folder and the list of calls are the fake's own: what it was given.
  const onDisk = ["wrangler", "wrangler.toml"]
    .map((name) => readFileSync(join(fake.folder, name), "utf8"))
    .join("\n");
  expect(readdirSync(fake.folder).toSorted()).toEqual([
    "account",
    "calls",
    "wrangler",
    "wrangler.toml",
  ]);
  for (const value of [...secrets, token]) expect(onDisk).not.toContain(value);
});

test("a second run finds everything, asks for nothing that is set and changes nothing", async () => {
  await setUp([], everything);
  const before = {
    secrets: fake.secrets,
    config: readFileSync(config, "utf8"),
    changes: fake.changes,
  };
  said = [];

  expect(await setUp([])).toBe(0);
  expect(fake.secrets).toEqual(before.secrets);
  expect(readFileSync(config, "utf8")).toBe(before.config);
  expect(fake.changes).toEqual(before.changes);
  expect(said.join("\n")).toContain("Everything is there.");
  expect(said.filter((line) => line.startsWith("API_TOKENS"))).toEqual([]);
});

test("a failure in the middle stops there, says what wrangler said, and the next run goes on from it", async () => {
  fake.fail("queues create deliveries", "You have too many queues.");
  expect(await setUp([], everything)).toBe(1);
  expect(said.join("\n")).toContain("Could not create the queue deliveries");
  expect(said.join("\n")).toContain("too many queues");
  expect(fake.secrets).toBeNull();
  expect(said.join("\n")).not.toMatch(/lr_[\w-]{43}/);

  fake.mend();
  expect(await setUp([], everything)).toBe(0);
  const created = fake.changes.filter((command) => command.startsWith("d1 create"));
  expect(created).toHaveLength(1);
  expect(fake.list("queues")).toHaveLength(5);
  expect(fake.secrets).toHaveProperty("API_TOKENS");
});

test("what was made is shown when it is not sure that it was set, with the way to another", async () => {
  fake.fail("secret bulk", "fetch failed");
  expect(await setUp(["--env", "staging"], everything)).toBe(1);
  const shown = said.join("\n");
  expect(shown).toContain("Could not set the secrets API_TOKENS");
  expect(shown.match(/lr_[\w-]{43}/g)).toHaveLength(1);
  expect(shown.match(/If it was, this is its value/g)).toHaveLength(2);
  for (const name of ["API_TOKENS", "CRM_SECRET"])
    expect(shown).toContain(`npx wrangler secret put ${name} --env=staging`);
  expect(shown).toContain("npm run token -- ana write");
  expect(shown).not.toContain("canary");
});

test("a value of the wrong shape is asked for again, without being repeated", async () => {
  const answers = { SLACK_OPS_WEBHOOK_URL: ["https://canary.test/hook", SLACK] };
  await setUp([], answers);
  expect(fake.secrets).toHaveProperty("SLACK_OPS_WEBHOOK_URL", SLACK);
  expect(said.join("\n")).toContain("It must be the URL of an incoming webhook");
  expect(said.join("\n")).not.toContain("canary.test");
});

test("no archive is made unless somebody wants one", async () => {
  await setUp([]);
  expect(fake.changes.join("\n")).not.toContain("r2");
  expect(readConfig(config)).not.toHaveProperty("r2_buckets");
});

test("who is not logged in hears how, who has several accounts must choose, and nothing is made", async () => {
  fake.logOut();
  expect(await setUp([])).toBe(1);
  expect(said.join("\n")).toContain("npx wrangler login");

  fake.logIn([
    { id: "acc1", name: "Acme" },
    { id: "acc2", name: "Other" },
  ]);
  expect(await setUp([])).toBe(1);
  expect(said.join("\n")).toContain("acc2  Other");
  expect(await setUp([], {}, { env: { CLOUDFLARE_ACCOUNT_ID: "acc2" } })).toBe(0);
});

test("an id in wrangler.toml that is not this account's is refused: another account is logged in", async () => {
  await setUp([]);
  fake.begin();
  said = [];
  expect(await setUp([])).toBe(2);
  expect(said.join("\n")).toContain("this account has no database lead-router");
  expect(fake.list("databases")).toEqual([]);
});

test("without a terminal it says so and does nothing", async () => {
  expect(await setUp([], {}, { isTerminal: false })).toBe(2);
  expect(said.join("\n")).toContain("run `npm run setup` in a terminal");
  expect(fake.calls).toEqual([]);
});

test("a dry run shows every step and every secret, and starts no wrangler", async () => {
  expect(await setUp(["--dry-run"], {}, { isTerminal: false })).toBe(0);
  const shown = said.join("\n");
  for (const part of [
    "npx wrangler d1 create lead-router ",
    "npx wrangler queues create leads-dead ",
  ])
    expect(shown).toContain(part);
  for (const name of ["API_TOKENS", "SLACK_DACH_WEBHOOK_URL", "CRM_SECRET"])
    expect(shown).toContain(`  ${name}: `);
  expect(fake.calls).toEqual([]);
});

test("an unknown option or environment is named", async () => {
  expect(await setUp(["--environment", "staging"])).toBe(2);
  expect(said.join("\n")).toContain("--environment");
  expect(await setUp(["--env", "stagign"])).toBe(2);
  expect(said.join("\n")).toContain('no environment "stagign"; it has production, staging');
});
