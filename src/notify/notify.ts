import { appendCommit } from "../audit/commits.ts";
import { leadEvent, type NotificationKind } from "../audit/event.ts";
import { insertEvents } from "../audit/events.ts";
import type { DecisionKey } from "../decision-key.ts";
import type { Deps } from "../deps.ts";
import { rows, transaction } from "../storage/query.ts";
import { finish } from "../sweep/pending.ts";
import { announcementsOf, type Announcement } from "./announcement.ts";
import { post, type Posted } from "./post.ts";
import {
  assignmentMessage,
  LEADS_PER_MESSAGE,
  unassignedMessage,
  type SlackMessage,
} from "./slack-message.ts";

/** Decisions nobody could be told of yet, with the seconds Slack asked to wait, if it did. */
export interface Untold {
  readonly key: DecisionKey;
  readonly cause: string;
  readonly afterSeconds: number | null;
}

/** Where a message goes. */
interface Channel {
  readonly name: "assignments" | "ops";
  /** The secret that names the webhook, and its value. */
  readonly secret: string;
  readonly url: string | null;
  readonly write: (announcements: readonly Announcement[], now: number) => SlackMessage;
}

/**
 * Tells Slack of these decisions: looks which still need telling, posts, then records. Leads for one channel
 * share a message. At least once, and at most one message twice per crash or lost answer, because each
 * message is recorded before the next is posted.
 */
export async function notify(deps: Deps, keys: readonly DecisionKey[]): Promise<Untold[]> {
  const announcements = (await rows(deps.db, announcementsOf(keys))).filter(
    ({ notified }) => !notified,
  );
  await record(
    deps,
    announcements.filter((one) => findObjection(one) !== null),
    "notification_skipped",
    (one) => ({ reason: findObjection(one) }),
  );
  const current = announcements.filter((one) => findObjection(one) === null);
  const told = await Promise.all([
    tell(
      deps,
      channels(deps).assignments,
      current.filter(({ outcome }) => outcome === "assigned"),
    ),
    tell(
      deps,
      channels(deps).ops,
      current.filter(({ outcome }) => outcome === "unassigned"),
    ),
  ]);
  return told.flat();
}

/** Why nobody is to be told of a decision that stands; null when they are. */
function findObjection(one: Announcement): string | null {
  if (one.erasedAt !== null) return "the lead was erased";
  if (one.newestGeneration > one.generation)
    return `superseded by generation ${one.newestGeneration}`;
  return null;
}

/** Ends the notification of decisions that ran out of deliveries. */
export async function giveUpNotifying(
  deps: Deps,
  keys: readonly DecisionKey[],
  cause: string,
): Promise<void> {
  const untold = (await rows(deps.db, announcementsOf(keys))).filter(({ notified }) => !notified);
  await record(deps, untold, "notification_failed", () => ({ cause }));
}

function channels({ secret }: Deps): Record<Channel["name"], Channel> {
  return {
    assignments: {
      name: "assignments",
      secret: "SLACK_WEBHOOK_URL",
      url: secret("SLACK_WEBHOOK_URL"),
      write: assignmentMessage,
    },
    ops: {
      name: "ops",
      secret: "SLACK_OPS_WEBHOOK_URL",
      url: secret("SLACK_OPS_WEBHOOK_URL"),
      write: unassignedMessage,
    },
  };
}

async function tell(
  deps: Deps,
  channel: Channel,
  announcements: readonly Announcement[],
): Promise<Untold[]> {
  const { url } = channel;
  if (url === null) {
    await record(deps, announcements, "notification_skipped", () => ({
      reason: `${channel.secret} is not set`,
    }));
    return [];
  }
  for (let at = 0; at < announcements.length; at += LEADS_PER_MESSAGE) {
    const posted = await tellTogether(
      deps,
      channel,
      url,
      announcements.slice(at, at + LEADS_PER_MESSAGE),
    );
    if (posted.outcome !== "again") continue;
    // The channel takes nothing now: what is left of it waits with this message.
    const { cause, afterSeconds } = posted;
    return announcements.slice(at).map((key) => ({ key, cause, afterSeconds }));
  }
  return [];
}

/** Posts one message and records what became of it. Where Slack refuses it, each lead is told alone, so that one cannot spoil it for the rest. */
async function tellTogether(
  deps: Deps,
  channel: Channel,
  url: string,
  together: readonly Announcement[],
): Promise<Posted> {
  const posted = await post(deps, url, channel.write(together, deps.now()));
  const detail = { channel: channel.name, leadsInMessage: together.length };
  if (posted.outcome === "accepted") await record(deps, together, "notified", () => detail);
  if (posted.outcome !== "refused") return posted;
  if (together.length === 1) {
    deps.log("error", "notification_refused", { channel: channel.name, cause: posted.cause });
    await record(deps, together, "notification_failed", () => ({ ...detail, cause: posted.cause }));
    return posted;
  }
  for (const one of together) {
    const alone = await tellTogether(deps, channel, url, [one]);
    if (alone.outcome === "again") return alone;
  }
  return posted;
}

async function record(
  deps: Deps,
  announcements: readonly Announcement[],
  kind: NotificationKind,
  detailOf: (announcement: Announcement) => Readonly<Record<string, unknown>>,
): Promise<void> {
  if (announcements.length === 0) return;
  const now = deps.now();
  const events = announcements.map((one) =>
    leadEvent(deps.newId(), one, { kind, occurredAt: now, detail: detailOf(one) }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    finish("notify", announcements),
  ]);
}
