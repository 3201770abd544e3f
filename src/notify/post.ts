import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import type { SlackMessage } from "./slack-message.ts";

/** What became of a post. */
export type Posted =
  | { readonly outcome: "accepted" }
  /** Slack is away or asks to slow down: the message goes again after so many seconds, if it said so. */
  | { readonly outcome: "again"; readonly cause: string; readonly afterSeconds: number | null }
  /** Slack will never take it: every 4xx but 429. */
  | { readonly outcome: "refused"; readonly cause: string };

/** Posts a message to an incoming webhook. The URL is a secret and is named nowhere. */
export async function post(deps: Deps, url: string, message: SlackMessage): Promise<Posted> {
  let response: Response;
  let answer: string;
  try {
    response = await deps.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify(message),
    });
    answer = (await response.text()).slice(0, 100);
  } catch (error) {
    return {
      outcome: "again",
      cause: failureMessage(error).replaceAll(url, "the webhook"),
      afterSeconds: null,
    };
  }
  if (response.ok) return { outcome: "accepted" };
  const cause = `Slack answered ${response.status} ${answer}`;
  if (response.status === 429 || response.status >= 500) {
    const afterSeconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
    return {
      outcome: "again",
      cause,
      afterSeconds: Number.isNaN(afterSeconds) ? null : afterSeconds,
    };
  }
  return { outcome: "refused", cause };
}
