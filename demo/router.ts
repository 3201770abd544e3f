import { randomBytes } from "node:crypto";
import { join } from "node:path";

/** Variables for wrangler: no account, no metrics, no update check, so that nothing leaves the machine. */
export const OFFLINE = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
};

/** The same, without wrangler's own output. Set it before importing wrangler, which reads it then. */
export const OFFLINE_AND_QUIET = { ...OFFLINE, WRANGLER_LOG: "none" };

export interface RunningRouter {
  readonly url: string;
  /** Bearer token of scope `write`, valid for this run only. */
  readonly token: string;
  /** The Worker's last log messages, to show when a run fails. */
  readLogs(): string[];
}

/** The cron trigger of wrangler.toml. No cron runs locally, so the demo calls it. */
const SWEEP = { cron: "* * * * *", everyMs: 60_000 };
/** Log lines that a failure shows. */
const LOG_LINES = 10;

/**
 * Builds the Worker, starts it on workerd with an empty database and applies the migrations. Whatever
 * must be closed at the end is added to `closing`, even if the start fails.
 */
export async function startRouter(
  slack: { readonly assignmentsUrl: string; readonly opsUrl: string },
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
    // The next sweep makes up for one that fails, and the Worker has logged why.
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
