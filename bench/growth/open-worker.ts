import { join } from "node:path";
import { OFFLINE_AND_QUIET } from "../../demo/router.ts";
import { configureRouter, ROUTER } from "../driver/router-config.ts";
import type { Usage } from "../meters/usage.ts";
import type { Costs, RouteCommand } from "./commands.ts";

/** The metered router on workerd, with an empty database. */
export interface GrowthWorker {
  /** The router's database, unmetered. */
  readonly db: D1Database;
  route(command: RouteCommand): Promise<Costs>;
  /** What a GET of the API used. Rejects when it is not answered 200. */
  get(path: string): Promise<Usage>;
  /** What a run of the cron used. */
  cron(): Promise<Usage>;
}

export async function openGrowthWorker(closing: AsyncDisposableStack): Promise<GrowthWorker> {
  Object.assign(process.env, OFFLINE_AND_QUIET);
  const { createTestHarness } = await import("wrangler");
  const config = await configureRouter({
    vars: {},
    main: "bench/growth/worker.ts",
    consumes: false,
  });
  const harness = createTestHarness({
    root: join(import.meta.dirname, "..", ".."),
    workers: [{ config }],
  });
  closing.defer(() => harness.close());
  const { url } = await harness.listen();
  const worker = harness.getWorker<{ DB: D1Database }>(ROUTER);
  await worker.applyD1Migrations("DB");
  const { DB: db } = await worker.getEnv();

  async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(url.origin + path, init);
    if (response.ok) return await response.json<Answer>();
    throw new Error(`${path} failed: ${(await response.text()).slice(0, 500)}`);
  }
  return {
    db,
    route: (command) => ask("/route", { method: "POST", body: JSON.stringify(command) }),
    get: (path) => ask(path),
    cron: () => ask("/cron"),
  };
}
