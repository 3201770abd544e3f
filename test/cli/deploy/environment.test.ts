import { expect, test } from "vitest";
import { ConfigError, readEnvironment } from "../../../src/cli/deploy/environment.ts";
import {
  findDatabaseProblem,
  NOTHING_FOUND,
  planSetup,
  type Wanted,
} from "../../../src/cli/deploy/setup-command.ts";
import type { Found } from "../../../src/cli/deploy/wrangler.ts";
import { queueRole } from "../../../src/lib/queue.ts";

const config = {
  name: "router",
  d1_databases: [{ binding: "DB", database_name: "db" }],
  queues: {
    producers: [{ binding: "LEADS", queue: "leads" }],
    consumers: [{ queue: "leads", dead_letter_queue: "leads-dead" }, { queue: "leads-dead" }],
  },
};

test.each([
  ["leads", "leads"],
  ["leads-staging", "leads"],
  ["acme-leads", "leads"],
  ["leads-dead", "leads-dead"],
  ["acme-leads-dead-staging", "leads-dead"],
  ["notifications-staging", "notifications"],
  ["notifications-dead-staging", "notifications-dead"],
  ["deliveries-eu", "deliveries"],
])("the queue %s is consumed as %s", (name, role) => {
  expect(queueRole(name)).toBe(role);
});

test.each([
  "",
  "leadsx",
  "misleads",
  "dead-letters",
  "dead-leads",
  "leads-staging-dead",
  "leads-notifications",
  "acme-leads-deliveries",
  "acme-leads-notifications-dead",
  "deliveries-dead",
])("the queue %j has no role", (name) => {
  expect(() => queueRole(name)).toThrow(`no consumer for the queue ${name}`);
});

test("an environment lists each queue once, and knows which wrangler makes by itself", () => {
  const { queues, sentQueues, flag, name } = readEnvironment(config, null);
  expect({ queues, sentQueues, flag, name }).toEqual({
    queues: ["leads", "leads-dead"],
    sentQueues: ["leads"],
    flag: "--env=",
    name: "production",
  });
});

test.each([
  [
    "a queue without a role",
    { queues: { producers: [], consumers: [{ queue: "inbox" }] } },
    '"inbox"',
  ],
  [
    "a binding of another role",
    { queues: { producers: [{ binding: "NOTIFICATIONS", queue: "leads" }], consumers: [] } },
    'binds NOTIFICATIONS to the queue "leads"',
  ],
  [
    "dead letters that would be consumed as fresh leads",
    { queues: { producers: [], consumers: [{ queue: "leads", dead_letter_queue: "leads-dlq" }] } },
    'dead letters of "leads" to "leads-dlq"',
  ],
  [
    "dead letters of another queue",
    {
      queues: {
        producers: [],
        consumers: [{ queue: "leads", dead_letter_queue: "notifications-dead" }],
      },
    },
    '"notifications-dead", whose name says notifications-dead: it should hold leads-dead',
  ],
  [
    "dead letters that nobody consumes",
    {
      queues: {
        producers: [],
        consumers: [{ queue: "deliveries", dead_letter_queue: "leads-dead" }],
      },
    },
    "that queue has no dead letters",
  ],
  [
    "another environment's name",
    { vars: { ENVIRONMENT: "staging" } },
    'says ENVIRONMENT = "staging"; it is production',
  ],
  ["no database as DB", { d1_databases: [{ binding: "X", database_name: "x" }] }, "as DB"],
  ["no name", { name: undefined }, "name"],
])("%s is refused by name", (_what, change, words) => {
  const read = () => readEnvironment({ ...config, ...change }, null);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(words);
});

const ready: Found = {
  databaseId: "id",
  queues: new Set(["leads", "leads-dead"]),
  bucketExists: true,
  secrets: new Set(["API_TOKENS"]),
};
const nothing: Wanted = { bucket: null, secrets: [] };

test.each<[string, Found, Wanted, readonly string[]]>([
  [
    "nothing there",
    NOTHING_FOUND,
    { bucket: "b", secrets: ["API_TOKENS"] },
    [
      "create_database",
      "write_database_id",
      "create_queue",
      "create_queue",
      "create_bucket",
      "bind_archive",
      "put_secrets",
    ],
  ],
  ["all there, the id not written down", ready, nothing, ["write_database_id"]],
  [
    "a queue is missing",
    { ...ready, queues: new Set(["leads"]) },
    nothing,
    ["write_database_id", "create_queue"],
  ],
  [
    "a bucket that exists is bound",
    ready,
    { bucket: "b", secrets: [] },
    ["write_database_id", "bind_archive"],
  ],
  ["a new secret", ready, { bucket: null, secrets: ["CRM"] }, ["write_database_id", "put_secrets"]],
])("setup plans what is left: %s", (_case, found, wanted, kinds) => {
  const steps = planSetup(readEnvironment(config, null), found, wanted);
  expect(steps.map(({ kind }) => kind)).toEqual(kinds);
});

test.each([
  [undefined, "id", null],
  ["id", "id", null],
  ["id", null, "this account has no database db"],
  ["id", "other", "this account has db under another id, other"],
])("wrangler.toml's id %s against the account's %s", (written, found, problem) => {
  const database = { binding: "DB", database_name: "db", ...(written && { database_id: written }) };
  const environment = readEnvironment({ ...config, d1_databases: [database] }, null);
  const said = findDatabaseProblem(environment, { ...ready, databaseId: found });
  if (problem === null) expect(said).toBeNull();
  else expect(said).toContain(problem);
});
