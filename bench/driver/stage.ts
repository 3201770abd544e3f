import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { OFFLINE_AND_QUIET } from "../../demo/router.ts";
import { type ApiClient, createApiClient } from "../../demo/api-client.ts";
import type { Drained, DrainCommand, PaceCommand, PostCommand, Posted } from "./commands.ts";
import { REFERENCE_TABLES } from "./reference-tables.ts";
import { configureRouter, ROUTER, ROUTER_QUEUES, type RouterSetup } from "./router-config.ts";

/** What the driver may take over one command, in milliseconds: the longest, a backlog of 10,000, takes some twenty seconds. */
const PATIENCE_MS = 180_000;

/** Router, reference and driver in one workerd, with empty databases. */
export interface Stage {
  readonly api: ApiClient;
  /** The router's database. */
  readonly db: D1Database;
  readonly referenceDb: D1Database;
  post(command: PostCommand): Promise<Posted>;
  pace(command: PaceCommand): Promise<Posted>;
  drain(command: DrainCommand): Promise<Drained>;
  /** The last things the workers logged, for a run that went wrong. */
  readLogs(): string[];
}

/** No line for what went well. As wrangler.toml has it there are some, which a local run hands to another process one by one. */
export const QUIET = { LOG_LEVEL: "warn" };

const DRIVER = "driver";
const REFERENCE = "reference";
/** Lines of the workers' log that a failure shows. */
const LOG_LINES = 10;

/** Builds and starts all three. What has to be closed in the end goes on `closing`, also when the start fails. */
export async function openStage(setup: RouterSetup, closing: AsyncDisposableStack): Promise<Stage> {
  Object.assign(process.env, OFFLINE_AND_QUIET);
  const { createTestHarness } = await import("wrangler");
  const token = `bench-${randomBytes(12).toString("hex")}`;
  const vars = { ...setup.vars, API_TOKENS: `bench:write:${token}` };
  const router = await configureRouter({ ...setup, vars });
  const shared = { compatibility_date: router.compatibility_date ?? "2026-10-01" };
  const held = setup.consumes ? [] : ROUTER_QUEUES;
  const harness = createTestHarness({
    workers: [
      {
        config: {
          ...shared,
          name: DRIVER,
          main: join(import.meta.dirname, "worker.ts"),
          compatibility_flags: ["service_binding_extra_handlers"],
          services: [
            { binding: "ROUTER", service: ROUTER },
            { binding: "REFERENCE", service: REFERENCE },
          ],
          queues: { consumers: [...held, REFERENCE].map(takeAll) },
        },
      },
      { config: router },
      {
        config: {
          ...shared,
          name: REFERENCE,
          main: join(import.meta.dirname, "reference.ts"),
          compatibility_flags: ["nodejs_compat"],
          d1_databases: [{ binding: "DB", database_name: REFERENCE, database_id: REFERENCE }],
          durable_objects: { bindings: [{ name: "TURNS", class_name: "Turns" }] },
          migrations: [{ tag: "v1", new_sqlite_classes: ["Turns"] }],
          queues: { producers: [{ binding: "LEADS", queue: REFERENCE }] },
        },
      },
    ],
  });
  closing.defer(() => harness.close());
  const { url } = await harness.listen();
  const worker = harness.getWorker<{ DB: D1Database }>(ROUTER);
  await worker.applyD1Migrations("DB");
  const { DB: db } = await worker.getEnv();
  const { DB: referenceDb } = await harness.getWorker<{ DB: D1Database }>(REFERENCE).getEnv();
  await referenceDb.batch(REFERENCE_TABLES.map((table) => referenceDb.prepare(table)));

  const readLogs = () =>
    harness
      .getLogs()
      .slice(-LOG_LINES)
      .map(({ message }) => message);
  async function ask<Answer>(what: string, command: unknown): Promise<Answer> {
    const body = JSON.stringify(command);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`${url.origin}/driver/${what}`, { method: "POST", body, signal });
    if (response.ok) return await response.json<Answer>();
    const said = (await response.text()).slice(0, 500);
    throw new Error(`the driver failed: ${said}\n${readLogs().join("\n")}`);
  }
  return {
    api: createApiClient({ url: url.origin, token }),
    db,
    referenceDb,
    post: (command) => ask("post", command),
    pace: (command) => ask("pace", command),
    drain: (command) => ask("drain", command),
    readLogs,
  };
}

/** A queue whose messages the driver takes, a hundred at a time. */
function takeAll(queue: string) {
  return { queue, max_batch_size: 100, max_batch_timeout: 1, max_retries: 0 };
}
