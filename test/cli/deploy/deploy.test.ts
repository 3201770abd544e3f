import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chain, fallback, pod } from "lead-router";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  deployCommand,
  type DeployIo,
  EXAMPLE_TOKEN,
} from "../../../src/cli/deploy/deploy-command.ts";
import { readTargets, type RunProgram, runWrangler } from "../../../src/cli/deploy/wrangler.ts";
import { FakeWrangler } from "./fake-wrangler.ts";

const rules = { default: chain(fallback(pod("dach", { slack: "SLACK_DACH_WEBHOOK_URL" }))) };
const staging = {
  name: "lead-router-staging",
  secrets: { required: ["API_TOKENS"] },
  d1_databases: [
    { binding: "DB", database_name: "leads-staging", database_id: "uuid-of-leads-staging" },
  ],
  queues: {
    producers: [{ binding: "LEADS", queue: "leads-staging" }],
    consumers: [
      { queue: "leads-staging", dead_letter_queue: "leads-dead-staging" },
      { queue: "leads-dead-staging" },
    ],
  },
};

let fake: FakeWrangler;
let router: Server;
let said: string[];
/** What the router answers to /healthz, one after the other; the last one for good. */
let answers: number[];
let asked: string[];
/** Whether the router knows the token of .dev.vars.example. */
let openToAll: boolean;
let configText: string;
beforeEach(async () => {
  said = [];
  answers = [200];
  asked = [];
  openToAll = false;
  configText = '[[env.staging.d1_databases]]\nbinding = "DB"\ndatabase_name = "leads-staging"\n';
  router = createServer((request, response) => {
    asked.push(request.url ?? "");
    const known = request.headers.authorization === "Bearer change-me" && openToAll;
    if (request.url === "/api/health") response.statusCode = known ? 200 : 401;
    else response.statusCode = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
    response.end();
  });
  await new Promise<void>((done) => router.listen(0, "127.0.0.1", done));
  fake = new FakeWrangler();
  fake.addQueues("leads-staging", "leads-dead-staging");
  fake.write("account/databases/leads-staging", "");
  fake.secrets = { API_TOKENS: "x" };
  fake.deployTo([address(), "schedule: * * * * *", "Consumer for leads-staging"]);
});
afterEach(() => {
  router.close();
  fake.remove();
});

function address(): string {
  const { port } = router.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function readConfigWithoutId() {
  const d1_databases = [{ binding: "DB", database_name: "leads-staging" }];
  return { env: { staging: { ...staging, d1_databases } } };
}

/** wrangler with its terminal taken away: the tests' own stays clean. */
const quietly: RunProgram = (args, options) => runWrangler(args, { ...options, attached: false });

function deploy(args: readonly string[] = [], io: Partial<DeployIo> = {}): Promise<number> {
  return deployCommand(["--env", "staging", ...args], { ...deployIo(), ...io });
}

function deployIo(): DeployIo {
  return {
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    env: {},
    wrangler: quietly,
    readConfig: () => ({ env: { staging } }),
    readConfigText: () => configText,
    writeConfigText: (text) => {
      configText = text;
    },
    loadRules: async () => rules,
    checkRules: async () => true,
    checkTypes: async () => true,
    withOutputFile: async (use) => {
      const folder = mkdtempSync(join(tmpdir(), "lead-router-output-"));
      const path = join(folder, "output");
      await use(path);
      const written = readFileSync(path, "utf8");
      rmSync(folder, { recursive: true });
      return written;
    },
    fetch: (url, init) => fetch(url, init),
    sleep: async () => {},
  };
}

test("migrates, then deploys, says where it is and asks whether it is well", async () => {
  expect(await deploy()).toBe(0);
  expect(fake.changes).toEqual([
    "d1 migrations apply DB --remote --env=staging",
    "deploy --env=staging",
  ]);
  for (const path of ["", "/docs", "/healthz"]) expect(said).toContain(`  ${address()}${path}`);
  expect(said.at(-1)).toBe(`${address()}/healthz answers 200.`);
  expect(said.join("\n")).toContain(`PUBLIC_URL = "${address()}"`);
});

test("waits until a new address is known", async () => {
  answers = [404, 522, 200];
  expect(await deploy()).toBe(0);
  expect(asked.filter((url) => url === "/healthz")).toHaveLength(3);
});

test("behind a route of a zone it is asked at PUBLIC_URL, and where that is unset says so", async () => {
  fake.deployTo(["acme.com/leads/* (zone name: acme.com)"]);
  const vars = { PUBLIC_URL: `${address()}/` };
  expect(await deploy([], { readConfig: () => ({ env: { staging: { ...staging, vars } } }) })).toBe(
    0,
  );
  expect(said.at(-1)).toBe(`${address()}/healthz answers 200.`);
  asked = [];
  expect(await deploy()).toBe(0);
  expect(said.at(-1)).toContain("set PUBLIC_URL in wrangler.toml");
  expect(asked).toEqual([]);
});

test("a router that does not get well is told, with the way back", async () => {
  answers = [500];
  expect(await deploy()).toBe(1);
  expect(said.at(-1)).toContain("does not answer 200 (500)");
  expect(said.at(-1)).toContain("npx wrangler rollback --env=staging");
});

describe("nothing is touched", () => {
  test.each<[string, Partial<DeployIo>, string]>([
    ["with errors in rules.ts", { checkRules: async () => false }, "rules.ts has errors"],
    ["when it does not compile", { checkTypes: async () => false }, "does not compile"],
  ])("%s", async (_when, io, words) => {
    expect(await deploy([], io)).toBe(1);
    expect(said.join("\n")).toContain(words);
    expect(fake.calls).toEqual([]);
  });

  test("while there is no database", async () => {
    rmSync(join(fake.folder, "account/databases/leads-staging"));
    expect(await deploy([], { readConfig: readConfigWithoutId })).toBe(2);
    expect(said.join("\n")).toContain("npm run setup -- --env staging");
    expect(fake.changes).toEqual([]);
  });

  test("in another account, whose database has another id", async () => {
    rmSync(join(fake.folder, "account/queues/leads-dead-staging"));
    const d1_databases = [{ binding: "DB", database_name: "leads-staging", database_id: "other" }];
    const readConfig = () => ({ env: { staging: { ...staging, d1_databases } } });
    expect(await deploy([], { readConfig })).toBe(2);
    expect(said.at(-1)).toContain("wrangler.toml names the database other, but this account");
    expect(fake.changes).toEqual([]);
  });

  test("without a required secret, which setup would ask for", async () => {
    rmSync(join(fake.folder, "account/secrets"));
    expect(await deploy()).toBe(1);
    expect(said.join("\n")).toContain(
      "does not work without these secrets, which are not set: API_TOKENS",
    );
    expect(fake.changes).toEqual([]);
  });

  test("when the migrations fail: the code that runs keeps its schema", async () => {
    fake.fail("d1 migrations", "incomplete input");
    expect(await deploy()).toBe(1);
    expect(said.at(-1)).toContain("Nothing was deployed.");
    expect(said.at(-1)).toContain("npx wrangler d1 execute DB --remote --env=staging --file");
    expect(fake.changes).toEqual(["d1 migrations apply DB --remote --env=staging"]);
  });
});

test("a database whose id nobody wrote down is known by its name", async () => {
  expect(await deploy([], { readConfig: readConfigWithoutId })).toBe(0);
  expect(configText).toContain('database_id = "uuid-of-leads-staging"');
});

test("a router that lets the example's token in is told of: everybody knows it", async () => {
  openToAll = true;
  expect(await deploy()).toBe(1);
  expect(said.at(-1)).toContain("API_TOKENS still holds the example token");
  const example = readFileSync(join(import.meta.dirname, "../../../.dev.vars.example"), "utf8");
  expect(example).toContain(`:${EXAMPLE_TOKEN}\n`);
});

test("a deploy that fails after the migrations says what runs now", async () => {
  fake.fail("deploy", "no");
  expect(await deploy()).toBe(1);
  expect(fake.changes[0]).toContain("d1 migrations apply");
  expect(said.at(-1)).toContain("The previous code keeps running; it works with the new schema");
  expect(asked).toEqual([]);
});

test("makes the queues that wrangler would not, and names the secrets that stay silent", async () => {
  rmSync(join(fake.folder, "account/queues/leads-dead-staging"));
  expect(await deploy()).toBe(0);
  expect(fake.changes[0]).toBe("queues create leads-dead-staging --env=staging");
  expect(said.join("\n")).toContain(
    "these stay silent: SLACK_WEBHOOK_URL, SLACK_OPS_WEBHOOK_URL, SLACK_BOT_TOKEN, SLACK_DACH_WEBHOOK_URL",
  );
});

test("a dry run bundles and shows the commands, and changes nothing", async () => {
  expect(await deploy(["--dry-run"])).toBe(0);
  expect(fake.changes).toEqual(["deploy --dry-run --env=staging"]);
  expect(said).toContain("  npx wrangler d1 migrations apply DB --remote --env=staging");
  expect(asked).toEqual([]);
});

test.each([
  ["--dry-run", { npm_config_dry_run: "true" }, [], "npm run deploy -- --dry-run"],
  ["--env=staging", { npm_config_env: "staging" }, [], "npm run deploy -- --env=staging"],
  ["--env staging", { npm_config_env: "true" }, ["staging"], "npm run deploy -- --env"],
])(
  "stops when npm kept %s for itself, before wrangler is started",
  async (_given, env, args, words) => {
    const readConfig = () => ({ ...staging, env: { staging } });
    expect(await deployCommand(args, { ...deployIo(), env, readConfig })).toBe(2);
    expect(said).toEqual([expect.stringContaining(words)]);
    expect(fake.calls).toEqual([]);
  },
);

test("what npm_config says is no matter where the option itself arrived", async () => {
  expect(
    await deploy(["--dry-run"], { env: { npm_config_env: "x", npm_config_dry_run: "" } }),
  ).toBe(0);
});

// Through the npm that runs this: how it hands on what it keeps is npm's to change.
test("`npm run deploy --dry-run --env=staging` deploys nothing anywhere", async () => {
  const script = join(import.meta.dirname, "../../../src/cli/deploy/deploy.ts");
  const deployScript = `"${process.execPath}" "${script}"`;
  fake.write("package.json", JSON.stringify({ scripts: { deploy: deployScript } }));
  const command = ["run", "--silent", "deploy", "--dry-run", "--env=staging"];
  const ended = await promisify(execFile)("npm", command, { cwd: fake.folder }).catch(
    (error: unknown) => error,
  );
  expect(ended).toMatchObject({
    code: 2,
    stderr:
      "npm kept --dry-run --env=staging for itself: npm run deploy -- --dry-run --env=staging\n",
  });
  expect(fake.calls).toEqual([]);
});

test("of what wrangler deployed to, only addresses that can be asked count", () => {
  const targets = [
    "https://lead-router.acme.workers.dev",
    "leads.acme.com (custom domain)",
    "acme.com/leads/* (zone name: acme.com)",
    "schedule: * * * * *",
    "Producer for leads",
  ];
  const written = [{ type: "wrangler-session" }, { type: "deploy", targets }]
    .map((event) => JSON.stringify(event))
    .join("\n");
  expect(readTargets(`${written}\n`)).toEqual([
    "https://lead-router.acme.workers.dev",
    "https://leads.acme.com",
  ]);
});
