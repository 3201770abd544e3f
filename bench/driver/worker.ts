import {
  BATCH,
  type Contender,
  type DrainCommand,
  type Drained,
  type PaceCommand,
  type PostCommand,
  type Posted,
} from "./commands.ts";
import { leadFields } from "./lead-bodies.ts";

// The driver: a worker in the same process as what it measures, which it calls through service bindings. The harness's HTTP
// proxy would cost every request about 2 ms (PLATFORM, Tests).

/** A service binding under the flag `service_binding_extra_handlers`: workerd's own way to hand a worker its queue's batches. */
interface Service {
  fetch(input: Request | string, init?: RequestInit): Promise<Response>;
  queue(name: string, messages: readonly QueuedMessage[]): Promise<QueueOutcome>;
}

interface QueuedMessage {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
}

interface QueueOutcome {
  readonly outcome: string;
  readonly ackAll: boolean;
  readonly explicitAcks: readonly string[];
}

interface Env {
  readonly ROUTER: Service;
  readonly REFERENCE: Service;
}

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case "/driver/post":
        return Response.json(await post(env, await request.json<PostCommand>()));
      case "/driver/pace":
        return Response.json(await pace(env, await request.json<PaceCommand>()));
      case "/driver/drain":
        return Response.json(await drain(env, await request.json<DrainCommand>()));
      default:
        return env.ROUTER.fetch(request);
    }
  },

  /** Takes what is sent while the router's own consumers are held: the queue does its part, and nobody works. */
  queue(batch) {
    batch.ackAll();
  },
} satisfies ExportedHandler<Env>;

async function post(
  env: Env,
  { contender, path, count, concurrency, tag, channels }: PostCommand,
): Promise<Posted> {
  const service = serviceOf(env, contender);
  const latenciesMs: number[] = [];
  const elapsedMs = await inParallel(count, concurrency, async (n) => {
    const fields = leadFields(tag, n, channels);
    const init = path === "/leads" ? asJson(fields) : asForm(fields);
    latenciesMs.push(await timed(() => postOne(service, path, init)));
  });
  return { elapsedMs, latenciesMs };
}

async function pace(env: Env, { rate, seconds, tag, channels }: PaceCommand): Promise<Posted> {
  const latenciesMs: number[] = [];
  const posts: Promise<unknown>[] = [];
  const startedAt = Date.now();
  for (let n = 0; n < rate * seconds; n++) {
    const dueIn = startedAt + (n * 1_000) / rate - Date.now();
    if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn));
    const init = asJson(leadFields(tag, n, channels));
    posts.push(timed(() => postOne(env.ROUTER, "/leads", init)).then((ms) => latenciesMs.push(ms)));
  }
  await Promise.all(posts);
  return { elapsedMs: Date.now() - startedAt, latenciesMs };
}

async function drain(
  env: Env,
  { contender, leadIds, concurrency }: DrainCommand,
): Promise<Drained> {
  const service = serviceOf(env, contender);
  const elapsedMs = await inParallel(Math.ceil(leadIds.length / BATCH), concurrency, async (n) => {
    const messages = leadIds.slice(n * BATCH, (n + 1) * BATCH).map((leadId) => ({
      id: leadId,
      timestamp: new Date(),
      attempts: 1,
      body: { leadId, generation: 1 },
    }));
    const { outcome, ackAll, explicitAcks } = await service.queue("leads", messages);
    if (outcome !== "ok" || (!ackAll && explicitAcks.length < messages.length))
      throw new Error(`the consumer finished ${explicitAcks.length} of ${messages.length} leads`);
  });
  return { elapsedMs };
}

function serviceOf(env: Env, contender: Contender): Service {
  return contender === "router" ? env.ROUTER : env.REFERENCE;
}

function asJson(fields: Record<string, string>): RequestInit {
  const headers = { "content-type": "application/json", accept: "application/json" };
  return { method: "POST", headers, body: JSON.stringify(fields) };
}

function asForm(fields: Record<string, string>): RequestInit {
  // As a page's script posts a form.
  const headers = { accept: "application/json", origin: "https://www.example.com" };
  return { method: "POST", headers, body: new URLSearchParams(fields) };
}

async function postOne(service: Service, path: string, init: RequestInit): Promise<void> {
  const response = await service.fetch(`https://router.example${path}`, init);
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${answer}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Does work 0 to count - 1, so many at a time. Yields the milliseconds it took. */
async function inParallel(
  count: number,
  concurrency: number,
  work: (n: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  return performance.now() - startedAt;
}
