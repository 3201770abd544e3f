import type { DeliverMessage } from "./deliveries/deliver.ts";
import type { NotifyMessage, RouteMessage } from "./deps.ts";
import type { Pod } from "./pod/durable-object.ts";

/** What wrangler.toml binds, and the secrets. An unset secret closes or silences what needs it, never breaks it. */
export interface Env {
  DB: D1Database;
  PODS: DurableObjectNamespace<Pod>;
  LEADS: Queue<RouteMessage>;
  NOTIFICATIONS: Queue<NotifyMessage>;
  DELIVERIES: Queue<DeliverMessage>;
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
  /** Where this router is reached, "https://leads.acme.com": a variable, for links in messages; unset = they name leads by id. */
  PUBLIC_URL?: string;
}
