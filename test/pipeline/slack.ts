import { vi } from "vitest";
import type { SlackMessage } from "../../src/notify/slack/format.ts";
import { shownTexts } from "../notify/slack/shown-texts.ts";

/** One post to a Slack webhook. */
export interface SlackPost {
  readonly channel: string;
  readonly message: SlackMessage;
}

/** Stands in for Slack under the worker's own `fetch`; what it is sent collects in the list that this returns. */
export function recordSlack(): SlackPost[] {
  const posts: SlackPost[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    posts.push(readPost(input instanceof Request ? input.url : String(input), init?.body));
    return new Response("ok");
  });
  return posts;
}

export function readPost(url: string, body: unknown): SlackPost {
  return { channel: new URL(url).pathname.slice(1), message: JSON.parse(String(body)) };
}

/** Every text that a post shows, in order. */
export function textsOf({ message }: SlackPost): string[] {
  return shownTexts(message.blocks).map(({ text }) => text);
}
