import type { Destination } from "../../src/rules/destination.ts";
import { putAccount } from "../../src/roster/accounts.ts";
import { putMember } from "../../src/roster/members.ts";
import { putRep } from "../../src/roster/reps.ts";
import {
  openMeteredRouter,
  type MeteredEnv,
  type MeteredRouter,
} from "../meters/metered-router.ts";
import { addUsage, emptyUsage, usageOf, type Usage } from "../meters/usage.ts";
import { type Case, type CaseUsage, type Stage } from "./case.ts";
import { costChain, DESERTED, MANNED } from "./cost-chain.ts";
import { ACCOUNT_DOMAIN, fallbackPodOf, makeLead, podsOf, REPS } from "./cost-leads.ts";

const ACTOR = "bench";
const SIGNING_KEY = `whsec_${btoa("lead-router bench signing key 32")}`;
const CRM: Destination = {
  key: "crm",
  url: "https://crm.bench.example/hooks/leads",
  secrets: ["CRM_SECRET"],
  events: ["lead.assigned", "lead.unassigned", "lead.rerouted"],
};
/** `max_batch_size` of the queues in wrangler.toml. */
const NOTIFICATIONS_BATCH = 10;
const DELIVERIES_BATCH = 1;

/** Puts reps, members and an account in place, once. */
export async function setUpRouter(env: MeteredEnv): Promise<void> {
  const { deps } = openMeteredRouter(env, { chain: costChain(MANNED[3]) });
  for (const id of REPS)
    await putRep(deps, ACTOR, id, {
      name: id,
      email: null,
      slackUserId: null,
      workingHours: null,
      timeZone: "Etc/UTC",
      dailyCap: null,
    });
  for (const podId of MANNED)
    for (const id of REPS)
      await putMember(deps, ACTOR, podId, id, { weight: 1, dailyCap: null, openCap: null });
  await putAccount(deps, ACTOR, {
    domain: ACCOUNT_DOMAIN,
    accountId: "acme",
    name: "Acme Robotics",
    ownerId: REPS[0],
  });
}

/** Takes the leads of a case through the router, each batch to its end, then runs the cron once. */
export async function runRouterCase(env: MeteredEnv, measured: Case): Promise<CaseUsage> {
  const { kind, batch, batches } = measured;
  const router = openMeteredRouter(env, {
    chain: costChain(fallbackPodOf(kind)),
    ...(measured.destination && { destinations: [CRM], secret: readSecret }),
  });
  const used: Record<Stage, Usage> = emptyStages();
  const during = async (stage: Stage, work: () => Promise<unknown>) => {
    used[stage] = addUsage(used[stage], await usageOf(work));
  };
  for (let n = 0; n < batches; n++) {
    await during("intake", () => postLeads(router, measured, n * batch));
    await during("routing", () => drain(() => router.routeBatch(batch)));
    await during("notification", () => drain(() => router.notifyBatch(NOTIFICATIONS_BATCH)));
    await during("delivery", () => drain(() => router.deliverBatch(DELIVERIES_BATCH)));
    await during("settlement", () => settle(router, podsOf(kind)));
  }
  await during("cron", () => router.runCron());
  return used;
}

/** What a run of the cron uses when there is nothing to do. */
export async function runIdleCron(env: MeteredEnv): Promise<Usage> {
  const router = openMeteredRouter(env, { chain: costChain(DESERTED) });
  await router.runCron();
  return await usageOf(() => router.runCron());
}

async function postLeads(router: MeteredRouter, { kind, batch, keyed }: Case, from: number) {
  for (let n = from; n < from + batch; n++)
    await router.post(makeLead(kind, n), keyed ? { "Idempotency-Key": crypto.randomUUID() } : {});
}

async function settle(router: MeteredRouter, podIds: readonly string[]): Promise<void> {
  for (const podId of podIds)
    if (!(await router.ring(podId))) throw new Error(`${podId} holds claims and set no alarm`);
}

/** Until the queue is empty. */
async function drain(next: () => Promise<number>): Promise<void> {
  while ((await next()) > 0);
}

function readSecret(name: string): string | null {
  if (name === "CRM_SECRET") return SIGNING_KEY;
  return name === "SLACK_WEBHOOK_URL" || name === "SLACK_OPS_WEBHOOK_URL"
    ? "https://slack.bench.example/hook"
    : null;
}

export function emptyStages(): Record<Stage, Usage> {
  return {
    intake: emptyUsage(),
    routing: emptyUsage(),
    notification: emptyUsage(),
    delivery: emptyUsage(),
    settlement: emptyUsage(),
    cron: emptyUsage(),
  };
}
