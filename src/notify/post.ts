import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import type { SlackMessage } from "./slack-message.ts";

/** What became of a post. */
export type Posted =
  | { readonly outcome: "accepted" }
  /**
   * Slack is away, asks to slow down, or does not know the channel (401, 403, 404, 410: until somebody mends the secret): the
   * message goes again after so many seconds, if it said so.
   */
  | { readonly outcome: "again"; readonly cause: string; readonly afterSeconds: number | null }
  /** Slack will never take this message: 400, 413. */
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
    // Not its message: workerd's quotes the URL, which is a secret.
    const cause = `Slack did not answer (${failureMessage(error)})`;
    return { outcome: "again", cause, afterSeconds: null };
  }
  if (response.ok) return { outcome: "accepted" };
  const cause = `Slack answered ${response.status} ${answer}`;
  if (response.status === 400 || response.status === 413) return { outcome: "refused", cause };
  const afterSeconds = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return {
    outcome: "again",
    cause,
    afterSeconds: Number.isNaN(afterSeconds) ? null : afterSeconds,
  };
}
