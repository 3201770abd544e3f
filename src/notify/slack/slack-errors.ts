/**
 * What an error of Slack's means for what was to be said:
 * - `again`: not now. Some of them may have taken effect;
 * - `message`: never this message, in no channel;
 * - `channel`: nothing for this channel, until somebody mends it;
 * - `token`: nothing by this token or webhook at all, until somebody mends it.
 */
export type SlackErrorClass = "again" | "message" | "channel" | "token";

/**
 * The errors of incoming webhooks (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors", and
 * its changelog of 2016-05-17): plain text beside a status of 400, 403, 404, 410 or 500.
 */
const WEBHOOK_ERRORS: Readonly<Record<string, SlackErrorClass>> = {
  action_prohibited: "channel",
  channel_is_archived: "channel",
  channel_not_found: "channel",
  invalid_payload: "message",
  invalid_token: "token",
  no_active_hooks: "token",
  no_service: "token",
  no_service_id: "token",
  no_team: "token",
  no_text: "message",
  posting_to_general_channel_denied: "channel",
  rollup_error: "again",
  team_disabled: "token",
  too_many_attachments: "message",
  user_not_found: "channel",
};

/**
 * The errors of chat.postMessage (docs.slack.dev/reference/methods/chat.postMessage, "Errors"): `{ok: false, error}` beside a
 * status of 200.
 */
const POST_MESSAGE_ERRORS: Readonly<Record<string, SlackErrorClass>> = {
  access_denied: "token",
  accesslimited: "token",
  account_inactive: "token",
  app_access_restricted: "token",
  as_user_not_supported: "message",
  attachment_payload_limit_exceeded: "message",
  cannot_dm_bot: "channel",
  cannot_reply_to_message: "message",
  channel_not_found: "channel",
  deprecated_endpoint: "token",
  duplicate_channel_not_found: "message",
  duplicate_message_not_found: "message",
  ekm_access_denied: "token",
  enterprise_is_restricted: "token",
  external_channel_migrating: "again",
  fatal_error: "again",
  internal_error: "again",
  invalid_arg_name: "message",
  invalid_arguments: "message",
  invalid_array_arg: "message",
  invalid_auth: "token",
  invalid_blocks: "message",
  invalid_blocks_format: "message",
  invalid_charset: "message",
  invalid_form_data: "message",
  invalid_metadata_format: "message",
  invalid_metadata_schema: "message",
  invalid_post_type: "message",
  is_archived: "channel",
  is_bot: "channel",
  markdown_text_conflict: "message",
  message_limit_exceeded: "token",
  messages_tab_disabled: "channel",
  metadata_must_be_sent_from_app: "message",
  metadata_too_large: "message",
  method_deprecated: "token",
  missing_file_data: "message",
  missing_post_type: "message",
  missing_scope: "token",
  msg_blocks_too_long: "message",
  msg_too_long: "message",
  no_permission: "token",
  no_text: "message",
  not_allowed_token_type: "token",
  not_authed: "token",
  not_in_channel: "channel",
  org_login_required: "again",
  rate_limited: "again",
  ratelimited: "again",
  request_timeout: "again",
  restricted_action: "channel",
  restricted_action_non_threadable_channel: "channel",
  restricted_action_read_only_channel: "channel",
  restricted_action_thread_locked: "channel",
  restricted_action_thread_only_channel: "channel",
  send_on_behalf_not_allowed: "token",
  service_unavailable: "again",
  slack_connect_canvas_sharing_blocked: "message",
  slack_connect_file_link_sharing_blocked: "message",
  slack_connect_lists_sharing_blocked: "message",
  team_access_not_granted: "token",
  team_added_to_org: "again",
  team_not_found: "token",
  token_expired: "token",
  token_revoked: "token",
  too_many_attachments: "message",
  too_many_contact_cards: "message",
  two_factor_setup_required: "token",
  user_not_found: "channel",
};

/** Sorts what a webhook answered other than "ok": by its word, or by its status where Slack has a new word. */
export function classifyWebhookAnswer(status: number, word: string): SlackErrorClass {
  if (status === 408 || status === 429 || status >= 500) return "again";
  return lookUp(WEBHOOK_ERRORS, word) ?? (BAD_MESSAGE.has(status) ? "message" : "channel");
}

/** Sorts an error of chat.postMessage. An unknown word is taken for the channel's: then the lead is told of elsewhere. */
export function classifyApiError(word: string): SlackErrorClass {
  return lookUp(POST_MESSAGE_ERRORS, word) ?? "channel";
}

/** Bad Request, Content Too Large: about what was sent, not about where to. */
const BAD_MESSAGE: ReadonlySet<number> = new Set([400, 413]);

function lookUp(
  table: Readonly<Record<string, SlackErrorClass>>,
  word: string,
): SlackErrorClass | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Every documented error with its class, for tests and stand-ins. */
export const SLACK_ERRORS = {
  webhook: WEBHOOK_ERRORS,
  postMessage: POST_MESSAGE_ERRORS,
} as const;
