import { outbox } from "./lib/queue.ts";
import type { Pod } from "./pod/durable-object.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "./record/messages.ts";
import { v7 as uuidv7 } from "uuid";
import * as rules from "../rules.ts";
import { archiveBucket } from "./ports/bucket.ts";

import type { Chain } from "./rules/chain.ts";
import { checkDestinations, type Destination } from "./rules/destination.ts";
import type { Deps } from "./ports/deps.ts";
import { checkForms, type Form } from "./rules/form.ts";
import { logAt } from "./lib/log.ts";
import { checkSources, type Source } from "./rules/source.ts";

/** What wrangler.toml binds, and the secrets. An unset secret closes or silences what needs it, never breaks it. */
export interface Env {
  DB: D1Database;
  PODS: DurableObjectNamespace<Pod>;
  LEADS: Queue<RouteMessage>;
  NOTIFICATIONS: Queue<NotifyMessage>;
  DELIVERIES: Queue<DeliverMessage>;
  /** The bucket for old leads and audit rows; unset = they stay in the database. */
  ARCHIVE?: R2Bucket;
  /** After how many days they go there, 30 at least: a variable; unset = never. */
  RETENTION_DAYS?: string | number;
  /** The files of swagger-ui-dist. */
  ASSETS: Fetcher;
  /** Comma-separated `name:scope:token`, scope `read` or `write`; unset = nobody gets into the API by a token. */
  API_TOKENS?: string;
  /** The team's domain at Cloudflare Access, "acme.cloudflareaccess.com"; unset = nobody gets in by Access. */
  ACCESS_TEAM?: string;
  /** The audience tag of the Access application in front of this router. */
  ACCESS_AUD?: string;
  /** Comma-separated `name:scope:who`: what people admitted by Access may do. `who` is an e-mail address or a service token's client id. */
  ACCESS_USERS?: string;
  /** Counts refused calls by address; unset = no limit. */
  REFUSALS?: RateLimit;
  /** Slack bot token ("xoxb-…") with the scope `chat:write`: reps with a Slack id are notified by direct message; unset = in a channel. */
  SLACK_BOT_TOKEN?: string;
  /**
   * Slack incoming webhook for assignments that have no channel of their own; unset = skipped and audited as such. A pod's own webhook
   * has the name that rules.ts gives it: `pod("dach", { slack: "SLACK_DACH_WEBHOOK_URL" })`.
   */
  SLACK_WEBHOOK_URL?: string;
  /** Slack incoming webhook for ops; unset = skipped and audited as such. */
  SLACK_OPS_WEBHOOK_URL?: string;
  /** Where Slack's Web API is: a variable for GovSlack, "https://slack-gov.com/api/", and for stand-ins; unset = slack.com. */
  SLACK_API_URL?: string;
  /** Which environment of wrangler.toml this is, "production" or "staging": a variable, for `npm run restore`; unset = it goes no further. */
  ENVIRONMENT?: string;
  /** Where this router is reached, "https://leads.acme.com": a variable, for links in messages; unset = they name leads by id. */
  PUBLIC_URL?: string;
  /** Seconds within which 95 % of the leads should be decided: a variable; unset = 60, "off" = no alert (src/ops/alerts). */
  ALERT_P95_SECONDS?: string | number;
  /** The share of leads at which too many find no rep, 0 to 1; unset = 0.2. */
  ALERT_UNASSIGNED_SHARE?: string | number;
  /** Leads given up on in an hour; unset = 1. */
  ALERT_DEAD_LETTERS?: string | number;
  /** Seconds after which an undecided lead is too old; unset = 300. */
  ALERT_PENDING_SECONDS?: string | number;
  /** "warn" leaves out of the log what is healthy; unset, or anything else, = one line for each step of each lead. */
  LOG_LEVEL?: string;
}

/** How long any call out may take, in milliseconds: Slack, receivers of webhooks and Turnstile answer in well under a second. */
const FETCH_LIMIT_MS = 10_000;

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
