import type { MeteredEnv } from "../meters/metered-router.ts";
import type { Case } from "./case.ts";
import { runPlainCase, setUpPlain, type PlainEnv } from "./plain-case.ts";
import { runIdleCron, runRouterCase, setUpRouter } from "./router-case.ts";

export { MeteredPod } from "../meters/metered-pod.ts";
export { PlainPod } from "../plain/plain-pod.ts";

type CostEnv = MeteredEnv & PlainEnv;

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case "/set-up":
        await setUpRouter(env);
        await setUpPlain(env);
        return Response.json(null);
      case "/idle-cron":
        return Response.json(await runIdleCron(env));
      case "/size":
        return Response.json({
          router: await sizeOf(env.DB),
          plain: await sizeOf(env.PLAIN_DB),
        });
      case "/case": {
        const measured: Case = await request.json();
        return Response.json(
          measured.contender === "router"
            ? await runRouterCase(env, measured)
            : await runPlainCase(env, measured),
        );
      }
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<CostEnv>;

/** Bytes. */
async function sizeOf(db: D1Database): Promise<number> {
  return (await db.prepare("SELECT 1").run()).meta.size_after;
}
