import type { Announcement } from "../../../src/notify/announcement.ts";
import type { SlackMessage } from "../../../src/notify/slack/format.ts";
import { packMessage, type Setting } from "../../../src/notify/slack/lead-message.ts";

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
