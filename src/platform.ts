import { v7 as uuidv7 } from "uuid";
import * as rules from "../rules.ts";
import { archiveBucket } from "./ports/bucket.ts";
import type { Env } from "./bindings.ts";
import type { Chain } from "./rules/chain.ts";
import { chunk } from "./lib/chunk.ts";
import { checkDestinations, type Destination } from "./rules/destination.ts";
import type { Deps, Outbox } from "./ports/deps.ts";
import type { Form } from "./rules/form.ts";
import { checkForms } from "./rules/form-list.ts";
import { logAt } from "./lib/log.ts";
import type { Source } from "./rules/source.ts";
import { checkSources } from "./rules/source-list.ts";

/** How long any call out may take, in milliseconds: Slack, receivers of webhooks and Turnstile answer in well under a second. */
const FETCH_LIMIT_MS = 10_000;
/** Messages one `sendBatch` takes (Queues limits). */
const SEND_LIMIT = 100;

/** What a rules.ts exports: a team without forms or webhooks leaves those lists out. */
interface Rules {
  readonly default: Chain;
  readonly forms?: readonly Form[];
  readonly sources?: readonly Source[];
  readonly destinations?: readonly Destination[];
}

const declared: Rules = rules;
const forms = checkForms(declared.forms ?? []);
const sources = checkSources(declared.sources ?? []);
const destinations = checkDestinations(declared.destinations ?? []);

/** The stages' surroundings on the real platform. */
export function platform(env: Env): Deps {
  return {
    db: env.DB,
    chain: declared.default,
    forms,
    sources,
    destinations,
    leads: outbox(env.LEADS),
    notifications: outbox(env.NOTIFICATIONS),
    deliveries: outbox(env.DELIVERIES),
    archive: env.ARCHIVE === undefined ? null : archiveBucket(env.ARCHIVE),
    pod: (podId) => env.PODS.getByName(podId),
    secret: (name) => readSecret(env, name),
    allow: (limit, key) => countOneMore(env, limit, key),
    fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(FETCH_LIMIT_MS) }),
    now: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    random: Math.random,
    newId: () => uuidv7(),
    log: logAt(env.LOG_LEVEL),
  };
}

/** A secret that is set to nothing is not set. A variable of wrangler.toml may be a number there. */
function readSecret(env: Env, name: string): string | null {
  const value: unknown = Object.entries(env).find(([key]) => key === name)?.[1];
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

async function countOneMore(env: Env, name: string, key: string): Promise<boolean | null> {
  const limit: unknown = Object.entries(env).find(([binding]) => binding === name)?.[1];
  return isRateLimit(limit) ? (await limit.limit({ key })).success : null;
}

function isRateLimit(value: unknown): value is RateLimit {
  return (
    typeof value === "object" &&
    value !== null &&
    "limit" in value &&
    typeof value.limit === "function"
  );
}

/** The sending end of one of Cloudflare's queues. */
export function outbox<Message>(queue: Queue<Message>): Outbox<Message> {
  return {
    async send(messages) {
      for (const batch of chunk(messages, SEND_LIMIT))
        await queue.sendBatch(batch.map((body) => ({ body })));
    },
  };
}
