import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { readRetryAfter } from "../../lib/http.ts";
import { classifyWebhookAnswer, type SlackErrorClass } from "./slack-errors.ts";
import type { SlackMessage } from "./slack-message.ts";

/** What became of a post. No cause names a URL or a token. */
export type Posted =
  | { readonly outcome: "accepted" }
  /** Slack is away or asks to slow down: the message goes again after so many seconds, if it said so or did not answer. */
  | { readonly outcome: "again"; readonly cause: string; readonly afterSeconds: number | null }
  /** Slack will never take this message. */
  | { readonly outcome: "refused"; readonly cause: string }
  /** The channel takes nothing until somebody mends it; by `token` nobody hears anything. */
  | { readonly outcome: "gone"; readonly cause: string; readonly whose: "channel" | "token" };

/** Slack asks for seconds, seldom for a minute; a queue delays a message for at most 12 hours (Queues limits). In seconds. */
const LONGEST_WAIT = 60 * 60;
/**
 * How long a channel is left alone that did not answer, in seconds: each try of one that hangs takes 10 seconds (src/platform.ts),
 * and whoever else is told in that round waits for it.
 */
const SILENT_REST = 30;
/** A word of Slack's, which have 40 characters at most. What is answered else is some proxy's, and may quote lead or URL. */
const WORD = /^[a-z][a-z_]{0,59}$/;

/** Posts a message to an incoming webhook. The URL is a secret and is named nowhere. */
export async function post(deps: Deps, url: string, message: SlackMessage): Promise<Posted> {
  let response: Response;
  let word: string;
  try {
    response = await deps.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ ...message, ...NO_PREVIEWS }),
      // A redirect turns a POST into a GET of some page, whose 200 says nothing.
      redirect: "manual",
    });
    word = (await response.text()).trim();
  } catch (error) {
    // Not its message: workerd's quotes the URL, which is a secret.
    return noAnswer(error);
  }
  if (response.ok && word === "ok") return { outcome: "accepted" };
  const cause = `Slack answered ${response.status} ${describeAnswer(response.status, word)}`;
  return refusal(
    classifyWebhookAnswer(response.status, word),
    cause,
    askedSeconds(response.headers, deps.now()),
  );
}

/** Slack's word, or what was answered in place of it: then it was not Slack, or the URL is not a webhook's. */
function describeAnswer(status: number, word: string): string {
  if (status >= 300 && status < 400) return "(a redirect, which is not followed)";
  if (word.startsWith("<")) return "(a page)";
  if (status < 300) return '(something other than "ok")';
  return word === "" ? "" : quoteWord(word);
}

/** What Slack answered, where it may be repeated in the audit and the log. */
export function quoteWord(word: string): string {
  return WORD.test(word) ? word : "(no word of Slack's)";
}

/** Slack shows no previews of links: ours lead behind a login, and others are not wanted. */
export const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;

/** Nobody knows whether it was taken. */
export function noAnswer(error: unknown): Posted {
  const cause = `Slack did not answer (${failureMessage(error)})`;
  return { outcome: "again", cause, afterSeconds: SILENT_REST };
}

export function refusal(of: SlackErrorClass, cause: string, afterSeconds: number | null): Posted {
  switch (of) {
    case "again":
      return { outcome: "again", cause, afterSeconds };
    case "message":
      return { outcome: "refused", cause };
    default:
      return { outcome: "gone", cause, whose: of };
  }
}

/** The seconds that `Retry-After` asks to wait, an hour at most; null where it does not. */
export function askedSeconds(headers: Headers | undefined, now: number): number | null {
  const asked = readRetryAfter(headers?.get("retry-after"), now);
  return asked === null ? null : Math.min(Math.ceil(asked / 1000), LONGEST_WAIT);
}
