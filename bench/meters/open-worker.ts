import { OFFLINE_AND_QUIET } from "../../demo/router.ts";

/** A bench's own worker on workerd, with empty databases. */
export interface OpenWorker {
  /** Posts JSON to it and yields the JSON that it answers. Rejects with what it logged when it fails. */
  call<Answer>(path: string, body?: unknown): Promise<Answer>;
}

/** Lines of the worker's log that a failure shows. */
const LOG_LINES = 10;

/**
 * Builds the worker of a wrangler.toml (its whole path), starts it and migrates its databases, named by their bindings. What has
 * to be closed in the end goes on `closing`, also when the start fails.
 */
export async function openWorker(
  configPath: string,
  databases: readonly string[],
  closing: AsyncDisposableStack,
): Promise<OpenWorker> {
  Object.assign(process.env, OFFLINE_AND_QUIET);
  const { createTestHarness } = await import("wrangler");
  const harness = createTestHarness({ workers: [{ configPath }] });
  closing.defer(() => harness.close());
  await harness.listen();
  const worker = harness.getWorker<Record<string, D1Database>>();
  for (const binding of databases) await worker.applyD1Migrations(binding);

  return {
    async call<Answer>(path: string, body: unknown = null): Promise<Answer> {
      const response = await worker.fetch(path, { method: "POST", body: JSON.stringify(body) });
      const text = await response.text();
      if (response.status === 200) return JSON.parse(text);
      const logs = harness.getLogs().slice(-LOG_LINES);
      throw new Error(
        [`${path} answered ${response.status}: ${text}`, ...logs.map((log) => log.message)].join(
          "\n",
        ),
      );
    },
  };
}
