import { withDeps } from "../../test/with-deps.ts";
import { apiApp } from "../../src/ops/api/app.ts";
import { chain, fallback, matchedAccount, pod, territory } from "../../src/rules/index.ts";
import {
  openMeteredRouter,
  type MeteredEnv,
  type MeteredRouter,
} from "../meters/metered-router.ts";
import { usageOf, type Usage } from "../meters/usage.ts";
import type { Costs, Kind, RouteCommand } from "./commands.ts";

export { MeteredPod as Pod } from "../meters/metered-pod.ts";

/** Leads that nobody takes come by a chain whose only pod has no members. */
const CHAINS = {
  team: chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, pod("dach")),
    fallback(pod("everyone")),
  ),
  nobody: chain(fallback(pod("nobody"))),
};
const PODS = ["dach", "everyone"];
const TOKEN = "bench";

let leads = 0;

/** Routes leads and calls the API, and says by the meters what that took. */
export default {
  async fetch(request, env) {
    try {
      return Response.json(await answer(request, env));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<MeteredEnv>;

async function answer(request: Request, env: MeteredEnv): Promise<unknown> {
  const { pathname, search } = new URL(request.url);
  const router = openMeteredRouter(env, { chain: CHAINS.team });
  if (pathname === "/route") return await route(env, await request.json());
  if (pathname === "/cron") return await usageOf(() => router.runCron());
  return await usageOf(() => get(router, env, pathname.slice("/api".length) + search));
}

/** Calls the API in process. Rejects when the answer is not 200. */
async function get({ deps }: MeteredRouter, env: MeteredEnv, path: string): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const secrets = { API_TOKENS: `bench:read:${TOKEN}` };
  const response = await withDeps(apiApp(), () => deps).request(
    path,
    { headers },
    { ...env, ...secrets },
  );
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`);
}

/** A batch of leads of one kind on its whole way: door, pass, Slack, the pod's settlement, and the cron. */
async function route(env: MeteredEnv, { kind, batch }: RouteCommand): Promise<Costs> {
  const router = openMeteredRouter(env, {
    chain: kind === "unassigned" ? CHAINS.nobody : CHAINS.team,
  });
  const usages: Usage[] = [];
  const step = async (work: () => Promise<unknown>) => void usages.push(await usageOf(work));
  await step(async () => {
    for (let n = 0; n < batch; n++) await post(router, kind);
  });
  await step(() => router.routeBatch(batch));
  await step(async () => {
    while ((await router.notifyBatch(10)) > 0);
  });
  await step(async () => {
    for (const podId of PODS) await router.ring(podId);
  });
  await step(() => router.runCron());
  const [intake, pass, notify, settle, cron] = usages;
  if (!intake || !pass || !notify || !settle || !cron) throw new Error("a stage was left out");
  return { intake, pass, notify, settle, cron };
}

async function post(router: MeteredRouter, kind: Kind): Promise<void> {
  leads += 1;
  await router.post(
    {
      // An account's leads come from its own domain; the others from one that no account has.
      email: `lead-${leads}@${kind === "matched account" ? "customer.example" : `stranger-${leads}.example`}`,
      name: `Person ${leads}`,
      country: kind === "fallback" ? "Italy" : "Germany",
      source: "website",
      message: "We would like to hear more.",
    },
    kind === "with a key" ? { "Idempotency-Key": `growth-${leads}` } : {},
  );
}
