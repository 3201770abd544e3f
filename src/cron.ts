import { archiveOld } from "./archive/index.ts";
import { expireQuarantine, maintainWebhooks } from "./intake/index.ts";
import { failureMessage } from "./lib/failure.ts";
import { maintainDeliveries } from "./notify/index.ts";
import { closeDays, rollUp, watchAlerts } from "./ops/index.ts";
import type { Deps } from "./ports/deps.ts";
import { dropAbandoned } from "./roster/index.ts";
import { sweep } from "./sweep/index.ts";

interface CronJob {
  readonly name: string;
  readonly run: (deps: Deps) => Promise<unknown>;
}

/** What runs every minute, in this order: leads first, then everything that only looks back. */
const CRON_JOBS: readonly CronJob[] = [
  { name: "sweep", run: sweep },
  { name: "expire_quarantine", run: expireQuarantine },
  { name: "maintain_webhooks", run: maintainWebhooks },
  { name: "maintain_deliveries", run: maintainDeliveries },
  { name: "drop_abandoned_imports", run: dropAbandoned },
  { name: "roll_up_metrics", run: rollUp },
  { name: "archive", run: archiveOld },
  { name: "watch_alerts", run: watchAlerts },
  { name: "close_days", run: closeDays },
];

/**
 * Runs the jobs one after the other, whatever becomes of each: a failure is logged and stops no other job.
 * @throws {AggregateError} with every error, so that the platform shows the run as failed
 */
export async function runCron(deps: Deps, jobs: readonly CronJob[] = CRON_JOBS): Promise<void> {
  const failed: { readonly job: string; readonly error: unknown }[] = [];
  for (const { name: job, run } of jobs) {
    const startedAt = deps.now();
    try {
      await run(deps);
    } catch (error) {
      const ms = deps.now() - startedAt;
      deps.log("error", "cron_job_failed", { job, error: failureMessage(error), ms });
      failed.push({ job, error });
    }
  }
  if (failed.length === 0) return;
  const jobNames = failed.map(({ job }) => job).join(", ");
  throw new AggregateError(
    failed.map(({ error }) => error),
    `cron jobs failed: ${jobNames}`,
  );
}
