import { SlackAPIClient, SlackAPIConnectionError } from "slack-web-api-client";
import { RouterError } from "../../lib/failure.ts";
import type { Deps } from "../../ports/deps.ts";
import { askedMs, noAnswer, post } from "../post.ts";
import type { SlackMessage } from "./format.ts";

/** What became of a message. No cause names a URL or a token. */
export type Posted =
  | { readonly outcome: "accepted" }
  /** Slack is away or asks to slow down: the message goes again after so many seconds, if it said so or did not answer. */
  | { readonly outcome: "again"; readonly cause: string; readonly afterSeconds: number | null }
  /** Slack will never accept this message. */
  | { readonly outcome: "refused"; readonly cause: string }
  /** The channel accepts nothing until somebody fixes it; with `token`, no channel of that token does. */
  | { readonly outcome: "gone"; readonly cause: string; readonly whose: "channel" | "token" };

/**
 * How long a channel is left alone that did not answer, in seconds: each try of one that hangs takes 10 seconds (src/platform.ts),
 * and the other channels of that round wait for it.
 */
const SILENT_REST = 30;
/** How long one call may take, in milliseconds, as for the webhooks (src/platform.ts): Slack's client sets no limit of its own. */
const CALL_LIMIT_MS = 10_000;
/** Slack shows no previews of links: ours lead behind a login, and others are not wanted. */
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;
/** A word of Slack's, which have 40 characters at most. Any other answer is some proxy's, and may quote lead or URL. */
const WORD = /^[a-z][a-z_]{0,59}$/;

/** Posts a message to an incoming webhook. The URL is a secret and is named nowhere. */
export async function postToWebhook(
  deps: Pick<Deps, "fetch" | "now">,
  url: string,
  message: SlackMessage,
): Promise<Posted> {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const body = JSON.stringify({ ...message, ...NO_PREVIEWS });
  const answer = await post(deps, url, { headers, body }, (response) => response.text());
  if (typeof answer === "string") return silence(answer);
  const { status, ok, headers: answered } = answer.response;
  const word = answer.body.trim();
  if (ok && word === "ok") return { outcome: "accepted" };
  const cause = `Slack answered ${status} ${describeAnswer(status, word)}`;
  return refusal(classifyWebhookAnswer(status, word), cause, askedSeconds(answered, deps.now()));
}

/** Posts a message to one person by chat.postMessage. The token is a secret and is named nowhere. */
export async function postDirectly(
  deps: Pick<Deps, "secret" | "sleep" | "now">,
  token: string,
  slackUserId: string,
  message: SlackMessage,
): Promise<Posted> {
  const baseUrl = deps.secret("SLACK_API_URL");
  const client = new SlackAPIClient(token, {
    ...(baseUrl === null ? {} : { baseUrl }),
    // The queue waits for a channel that asks to: here it would hold up the others.
    retryHandlers: [],
    throwSlackAPIError: false,
    logLevel: "ERROR",
  });
  try {
    const { ok, error = "" } = await Promise.race([
      client.call("chat.postMessage", { channel: slackUserId, ...message, ...NO_PREVIEWS }),
      deps.sleep(CALL_LIMIT_MS).then(() => {
        throw new RouterError("no answer in time");
      }),
    ]);
    if (ok) return { outcome: "accepted" };
    return refusal(classifyApiError(error), `Slack answered ${quoteWord(error)}`, null);
  } catch (error) {
    if (!(error instanceof SlackAPIConnectionError) || error.status < 0)
      return silence(noAnswer(error));
    // Any other status than 200 comes from what stands before the API: it says nothing of the channel.
    const seconds = askedSeconds(error.headers, deps.now());
    return refusal("again", `Slack answered ${error.status}`, seconds);
  }
}

/** It is not known whether the message arrived. */
function silence(words: string): Posted {
  return { outcome: "again", cause: `Slack ${words}`, afterSeconds: SILENT_REST };
}

function refusal(of: SlackErrorClass, cause: string, afterSeconds: number | null): Posted {
  if (of === "again") return { outcome: "again", cause, afterSeconds };
  return of === "message" ? { outcome: "refused", cause } : { outcome: "gone", cause, whose: of };
}

function askedSeconds(headers: Headers | undefined, now: number): number | null {
  const asked = askedMs(headers, now);
  return asked === null ? null : Math.ceil(asked / 1000);
}

/** Slack's word, or what was answered in place of it: then it was not Slack, or the URL is not a webhook's. */
function describeAnswer(status: number, word: string): string {
  if (status >= 300 && status < 400) return "(a redirect, which is not followed)";
  if (word.startsWith("<")) return "(a page)";
  if (status < 300) return '(something other than "ok")';
  return word === "" ? "" : quoteWord(word);
}

/** What Slack answered, where it may be repeated in the audit and the log. */
function quoteWord(word: string): string {
  return WORD.test(word) ? word : "(no word of Slack's)";
}

/**
 * What an error of Slack's means for a message:
 * - `again`: not now. Some of them may have taken effect;
 * - `message`: never this message, in no channel;
 * - `channel`: nothing for this channel, until somebody fixes it;
 * - `token`: nothing by this token or webhook at all, until somebody fixes it.
 */
export type SlackErrorClass = "again" | "message" | "channel" | "token";

/** Every documented error with its class. */
export const SLACK_ERRORS = {
  /**
   * Incoming webhooks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors", and its changelog
   * of 2016-05-17): plain text beside a status of 400, 403, 404, 410 or 500.
   */
  webhook: byWord({
    again: "rollup_error",
    message: "invalid_payload no_text too_many_attachments",
    channel: `action_prohibited channel_is_archived channel_not_found posting_to_general_channel_denied user_not_found`,
    token: "invalid_token no_active_hooks no_service no_service_id no_team team_disabled",
  }),
  /** chat.postMessage (docs.slack.dev/reference/methods/chat.postMessage, "Errors"): `{ok: false, error}` beside a status of 200. */
  postMessage: byWord({
    again: `external_channel_migrating fatal_error internal_error org_login_required rate_limited ratelimited
      request_timeout service_unavailable team_added_to_org`,
    message: `as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message duplicate_channel_not_found
      duplicate_message_not_found invalid_arg_name invalid_arguments invalid_array_arg invalid_blocks invalid_blocks_format
      invalid_charset invalid_form_data invalid_metadata_format invalid_metadata_schema invalid_post_type
      markdown_text_conflict metadata_must_be_sent_from_app metadata_too_large missing_file_data missing_post_type
      msg_blocks_too_long msg_too_long no_text slack_connect_canvas_sharing_blocked
      slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked too_many_attachments
      too_many_contact_cards`,
    channel: `cannot_dm_bot channel_not_found is_archived is_bot messages_tab_disabled not_in_channel restricted_action
      restricted_action_non_threadable_channel restricted_action_read_only_channel restricted_action_thread_locked
      restricted_action_thread_only_channel user_not_found`,
    token: `access_denied accesslimited account_inactive app_access_restricted deprecated_endpoint ekm_access_denied
      enterprise_is_restricted invalid_auth message_limit_exceeded method_deprecated missing_scope no_permission
      not_allowed_token_type not_authed send_on_behalf_not_allowed team_access_not_granted team_not_found
      token_expired token_revoked two_factor_setup_required`,
  }),
} as const;

function byWord(
  words: Readonly<Record<SlackErrorClass, string>>,
): ReadonlyMap<string, SlackErrorClass> {
  const classes = ["again", "message", "channel", "token"] as const;
  return new Map(classes.flatMap((of) => words[of].split(/\s+/).map((word) => [word, of])));
}

/** Bad Request, Content Too Large: about what was sent, not about where to. */
const BAD_MESSAGE: ReadonlySet<number> = new Set([400, 413]);

/** Sorts what a webhook answered other than "ok": by its word, or by its status where Slack has a new word. */
function classifyWebhookAnswer(status: number, word: string): SlackErrorClass {
  if (status === 408 || status === 429 || status >= 500) return "again";
  return SLACK_ERRORS.webhook.get(word) ?? (BAD_MESSAGE.has(status) ? "message" : "channel");
}

/** Sorts an error of chat.postMessage. An unknown word counts as the channel's: then the lead goes to another channel. */
function classifyApiError(word: string): SlackErrorClass {
  return SLACK_ERRORS.postMessage.get(word) ?? "channel";
}
