import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "./journal.ts";
import type { Form, Round } from "./plan.ts";
import { createRouterClient, type RouterClient } from "./router-client.ts";
import { readStanding, type Standing } from "./standing.ts";
import type { RunningWorker, WorkerStarter } from "./worker.ts";

/** What one round showed, for its line of the report. */
export interface RoundReport {
  readonly posted: number;
  readonly answered: number;
  readonly killedAfterMs: number;
  readonly restartedAfterMs: number;
  /** As the restarted worker finds it, over all rounds so far. */
  readonly standing: Standing;
  /** Forms with a key that were posted again after the restart. */
  readonly repeated: number;
}

/** A running worker and its client. */
export interface Instance {
  readonly worker: RunningWorker;
  readonly client: RouterClient;
}

export async function startInstance(starter: WorkerStarter, token: string): Promise<Instance> {
  const worker = await starter.start();
  return { worker, client: createRouterClient(worker.url, token) };
}

/** Posts the round's forms, kills the worker amid its work, and starts the next one. */
export async function runRound(
  { forms, killAfterMs }: Round,
  { worker, client }: Instance,
  restart: () => Promise<Instance>,
  journal: Journal,
): Promise<{ instance: Instance; report: RoundReport }> {
  let answered = 0;
  const posting = Promise.allSettled(
    forms.map(async (form) => {
      await sleep(form.postAfterMs);
      const leadId = await client.post(form);
      if (leadId === null) return;
      journal.recordAnswer(form, leadId);
      answered += 1;
    }),
  );
  // As the cron trigger would: once there are leads old enough, the kill hits their second journey too.
  const sweeping = client.sweep().catch(() => {});
  await sleep(killAfterMs);
  await worker.kill();
  journal.kills += 1;
  const killedAt = Date.now();
  await Promise.all([posting, sweeping]);

  const instance = await restart();
  const restartedAfterMs = Date.now() - killedAt;
  const standing = await readStanding(instance.client);
  const repeated = forms.filter(({ key }) => key !== null);
  await postAgain(repeated, instance.client, journal);
  const report = {
    posted: forms.length,
    answered,
    killedAfterMs: killAfterMs,
    restartedAfterMs,
    standing,
    repeated: repeated.length,
  };
  return { instance, report };
}

/** What a careful client does that was cut off, or does not trust its answer. */
async function postAgain(
  forms: readonly Form[],
  client: RouterClient,
  journal: Journal,
): Promise<void> {
  await Promise.all(
    forms.map(async (form) => {
      const leadId = await client.post(form);
      if (leadId !== null) journal.recordAnswer(form, leadId);
    }),
  );
}
