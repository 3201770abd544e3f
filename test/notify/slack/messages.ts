import type { Announcement } from "../../../src/notify/slack/announcement.ts";
import type { Setting } from "../../../src/notify/slack/lead-blocks.ts";
import { packMessage, type SlackMessage } from "../../../src/notify/slack/slack-message.ts";

/** What a rep, or a channel of reps, is told of leads that are theirs now: as many as one message holds. */
export function assignmentMessage(
  leads: readonly Announcement[],
  now: number,
  setting: Partial<Setting> = {},
): SlackMessage {
  return packMessage(leads, { kind: "assignments", now, publicUrl: null, ...setting }).message;
}

/** What ops are told of leads that nobody got: as many as one message holds. */
export function unassignedMessage(
  leads: readonly Announcement[],
  now: number,
  setting: Partial<Setting> = {},
): SlackMessage {
  return packMessage(leads, { kind: "ops", now, publicUrl: null, ...setting }).message;
}
