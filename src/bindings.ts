import type { NotifyMessage, RouteMessage } from "./deps.ts";
import type { Pod } from "./pod/durable-object.ts";

/** What wrangler.toml binds, and the secrets. An unset secret closes or silences what needs it, never breaks it. */
export interface Env {
  DB: D1Database;
  PODS: DurableObjectNamespace<Pod>;
  LEADS: Queue<RouteMessage>;
  NOTIFICATIONS: Queue<NotifyMessage>;
  /** Comma-separated `name:scope:token`; unset = the API is closed. */
  API_TOKENS?: string;
  /** Slack incoming webhook for assignments; unset = skipped and audited as such. */
  SLACK_WEBHOOK_URL?: string;
  /** Slack incoming webhook for ops; unset = skipped and audited as such. */
  SLACK_OPS_WEBHOOK_URL?: string;
}
