import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { OFFLINE_AND_QUIET } from "./offline.ts";
import type { SlackStandIn } from "./slack-stand-in.ts";

export interface RunningRouter {
  readonly url: string;
  /** Bearer token of scope `write`, good for this run only. */
  readonly token: string;
  /** The last things the worker logged, for a run that went wrong. */
  readLogs(): string[];
}

/** The cron trigger of wrangler.toml. Locally nobody pulls it, so the demo does. */
const SWEEP = { cron: "* * * * *", everyMs: 60_000 };
/** Lines of the worker's log that a failure shows. */
const LOG_LINES = 10;

/**
 * Builds the worker, starts it on workerd with an empty database and applies the migrations. What has to
 * be closed in the end goes on `closing`, also when the start fails.
 */
export async function startRouter(
  slack: SlackStandIn,
  closing: AsyncDisposableStack,
): Promise<RunningRouter> {
  Object.assign(process.env, OFFLINE_AND_QUIET);
  const { createTestHarness } = await import("wrangler");
  const token = `demo-${randomBytes(12).toString("hex")}`;
  const harness = createTestHarness({
    root: join(import.meta.dirname, ".."),
    workers: [
      {
        configPath: "wrangler.toml",
        secrets: {
          API_TOKENS: `demo:write:${token}`,
          SLACK_WEBHOOK_URL: slack.assignmentsUrl,
          SLACK_OPS_WEBHOOK_URL: slack.opsUrl,
        },
      },
    ],
  });
  closing.defer(() => harness.close());

  const { url } = await harness.listen();
  const worker = harness.getWorker<{ DB: D1Database }>();
  await worker.applyD1Migrations("DB");

  const sweeping = setInterval(() => {
    // A sweep that fails is made up for by the next one; the worker has logged why.
    worker.scheduled({ cron: SWEEP.cron, scheduledTime: new Date() }).catch(() => {});
  }, SWEEP.everyMs);
  closing.defer(() => clearInterval(sweeping));

  return {
    url: url.origin,
    token,
    readLogs: () =>
      harness
        .getLogs()
        .slice(-LOG_LINES)
        .map(({ message }) => message),
  };
}
