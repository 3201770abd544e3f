import type { DeliverMessage } from "./notify/webhooks/deliver.ts";
import type { NotifyMessage, RouteMessage } from "./ports/deps.ts";
import type { Pod } from "./pod/durable-object.ts";

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
  /** The audience tag of the Access application that stands before this router. */
  ACCESS_AUD?: string;
  /** Comma-separated `name:scope:who`: what those may whom Access lets pass; who is an e-mail address or a service token's client id. */
  ACCESS_USERS?: string;
  /** Counts refused calls by address; unset = no limit. */
  REFUSALS?: RateLimit;
  /** Slack bot token ("xoxb-…") with the scope `chat:write`: reps with a Slack id hear by direct message; unset = in a channel. */
  SLACK_BOT_TOKEN?: string;
  /**
   * Slack incoming webhook for assignments that are told nowhere else; unset = skipped and audited as such. A pod's own webhook
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
  /** Seconds within which 95 % of the leads should be decided: a variable; unset = 60, "off" = nobody is told (src/alerts). */
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
