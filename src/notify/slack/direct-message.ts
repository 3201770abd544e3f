import { SlackAPIClient, SlackAPIConnectionError } from "slack-web-api-client";
import type { Deps } from "../../ports/deps.ts";
import { RouterError } from "../../lib/failure.ts";
import { askedSeconds, NO_PREVIEWS, noAnswer, quoteWord, refusal, type Posted } from "./post.ts";
import { classifyApiError } from "./slack-errors.ts";
import type { SlackMessage } from "./slack-message.ts";

/** How long one call may take, in milliseconds, as for the webhooks (src/platform.ts): the client sets no limit of its own. */
const CALL_LIMIT_MS = 10_000;

/** Posts a message to one person by chat.postMessage. The token is a secret and is named nowhere. */
export async function postDirectly(
  deps: Deps,
  token: string,
  slackUserId: string,
  message: SlackMessage,
): Promise<Posted> {
  const baseUrl = deps.secret("SLACK_API_URL");
  const client = new SlackAPIClient(token, {
    ...(baseUrl === null ? {} : { baseUrl }),
    // A channel that asks to wait is waited for by the queue: others would be held up here.
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
    if (!(error instanceof SlackAPIConnectionError) || error.status < 0) return noAnswer(error);
    // Any other status than 200 comes from what stands before the API: it says nothing of the channel.
    const seconds = askedSeconds(error.headers, deps.now());
    return refusal("again", `Slack answered ${error.status}`, seconds);
  }
}
