import type { SlackServer } from "../../test/notify/slack/slack-server.ts";
import { shownTexts } from "../../test/notify/slack/shown-texts.ts";
import { leadsOf } from "../driver/lead-bodies.ts";

/** When Slack took the first message about each lead of a tag, in milliseconds since the epoch, by email. */
export function announcedAt(slack: SlackServer, tag: string): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { at, message } of slack.taken) {
    const text = shownTexts(message.blocks)
      .map((shown) => shown.text)
      .join("\n");
    for (const [email] of text.matchAll(leadsOf(tag)))
      first.set(email, Math.min(at, first.get(email) ?? at));
  }
  return first;
}
