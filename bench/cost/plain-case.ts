import { v7 as uuidv7 } from "uuid";
import { count } from "../meters/metered-pod.ts";
import { consume, meterQueue } from "../meters/metered-queue.ts";
import { meterDatabase } from "../meters/metered-database.ts";
import { addUsage, meter, usageOf } from "../meters/usage.ts";
import type { PlainPod } from "../plain/plain-pod.ts";
import {
  notifyRep,
  routeLead,
  takeLead,
  type PlainDeps,
  type PlainLead,
} from "../plain/plain-router.ts";
import { type Case, type CaseUsage, type Stage } from "./case.ts";
import { MANNED } from "./cost-chain.ts";
import { ACCOUNT_DOMAIN, fallbackPodOf, makeLead, REPS, type Kind } from "./cost-leads.ts";
import { emptyStages } from "./router-case.ts";

export interface PlainEnv {
  readonly PLAIN_DB: D1Database;
  readonly PLAIN_PODS: DurableObjectNamespace<PlainPod>;
}

export async function setUpPlain({ PLAIN_DB, PLAIN_PODS }: PlainEnv): Promise<void> {
  for (const podId of MANNED)
    for (const id of REPS) await PLAIN_PODS.getByName(podId).addMember(id);
  await PLAIN_DB.prepare(`INSERT INTO accounts (domain, owner_id) VALUES (?, ?)`)
    .bind(ACCOUNT_DOMAIN, REPS[0])
    .run();
}

/** Takes the leads of a case through the plain router. */
export async function runPlainCase(env: PlainEnv, measured: Case): Promise<CaseUsage> {
  const { kind, batch, batches } = measured;
  const leads = meterQueue<string>();
  const notifications = meterQueue<string>();
  const deps: PlainDeps = {
    db: meterDatabase(env.PLAIN_DB),
    pod(podId) {
      const pod = env.PLAIN_PODS.getByName(podId);
      return { pick: (leadId, now) => count(() => pod.pick(leadId, now)) };
    },
    fallbackPod: fallbackPodOf(kind),
    sendLead: (leadId) => leads.send([leadId]),
    sendNotification: (leadId) => notifications.send([leadId]),
    async post() {
      meter.subrequests += 1;
    },
    newId: () => uuidv7(),
    now: Date.now,
  };
  const used = emptyStages();
  const during = async (stage: Stage, work: () => Promise<unknown>) => {
    used[stage] = addUsage(used[stage], await usageOf(work));
  };
  for (let n = 0; n < batches; n++) {
    await during("intake", async () => {
      for (let one = n * batch; one < (n + 1) * batch; one++) {
        meter.workerRequests += 1;
        await takeLead(deps, plainLead(kind, one));
      }
    });
    await during("routing", () => consumeEach(leads, batch, (id) => routeLead(deps, id)));
    await during("notification", () =>
      consumeEach(notifications, batch, (id) => notifyRep(deps, id)),
    );
  }
  return used;
}

async function consumeEach(
  queue: Parameters<typeof consume<string>>[0],
  batch: number,
  work: (leadId: string) => Promise<void>,
): Promise<void> {
  await consume(queue, batch, async (deliveries) => {
    for (const { body, ack } of deliveries) {
      await work(body);
      ack();
    }
  });
}

function plainLead(kind: Kind, n: number): PlainLead {
  const { country, message, ...lead } = makeLead(kind, n);
  const companyDomain = lead.email.slice(lead.email.indexOf("@") + 1);
  return { ...lead, countryCode: country, companyDomain, fields: { message } };
}
