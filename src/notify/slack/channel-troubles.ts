import { query, rows, sql, transaction, type Query } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import { dropMarks, setMarks } from "../../record/marks.ts";
import { notifyOps, opsMessage } from "./ops.ts";
import type { SlackMessage } from "./format.ts";

// What is wrong with channels: the rows of `marks` that begin with "slack:". A healthy channel has none.

/** What is known of a channel in trouble. */
export interface ChannelMark {
  /** Slack's words, where it is broken until somebody fixes it; null = it asked to wait, or did not answer. */
  readonly cause: string | null;
  /** Whether ops know. */
  readonly told: boolean;
  /** Milliseconds since the epoch until which nothing is sent there. */
  readonly until: number;
}

/** A mark and what it is about: the name of a channel, of a secret, or "refused by" and that of a channel. */
export type NamedMark = readonly [name: string, mark: ChannelMark];
export type ChannelMarks = ReadonlyMap<string, ChannelMark>;

/** Any more broken channels are found again, each by one post. A bound on what a batch reads. */
const MARK_LIMIT = 500;
const PREFIX = "slack:";
/** The character after ":". */
const AFTER_PREFIX = "slack;";

interface MarkRow {
  readonly name: string;
  readonly value: string;
}

export function channelMarks(): Query<MarkRow> {
  return query(sql`
    SELECT name, value FROM marks WHERE name > ${PREFIX} AND name < ${AFTER_PREFIX} ORDER BY name LIMIT ${MARK_LIMIT}`);
}

export function marksByName(marks: readonly MarkRow[]): ChannelMarks {
  return new Map(marks.map(({ name, value }) => [name.slice(PREFIX.length), JSON.parse(value)]));
}

export function setChannelMarks(marks: readonly NamedMark[]): Query {
  return setMarks(marks.map(([name, mark]) => [PREFIX + name, JSON.stringify(mark)]));
}

/** These channels work again. */
export function clearChannelMarks(names: readonly string[]): Query {
  return dropMarks(names.map((name) => PREFIX + name));
}

type TroubleDeps = Pick<Deps, "db" | "secret" | "fetch" | "now" | "log">;

/**
 * Notifies ops of what is broken, in one message, and marks that they know: once for a channel and a cause, however many leads
 * were meant for it. Where that fails, the next run notifies them.
 */
export async function notifyOfChannels(deps: TroubleDeps, marks: ChannelMarks): Promise<void> {
  const news = [...marks].filter(([, { told }]) => !told);
  if (news.length === 0) return;
  for (const [channel, { cause }] of news) deps.log("error", "slack_broken", { channel, cause });
  const { outcome } = await notifyOps(deps, channelMessage(news));
  // Where no channel works, the next run tries again: one of them may work by then.
  if (outcome === "again" || outcome === "gone") return;
  const known = news.map(([name, mark]): NamedMark => [name, { ...mark, told: true }]);
  await transaction(deps.db, [setChannelMarks(known)]);
}

/** A message to ops about channels that do not work. */
export function channelMessage(marks: readonly NamedMark[]): SlackMessage {
  return opsMessage(
    "Slack notifications are failing",
    marks.map(([name, { cause }]) => `${name}: ${cause ?? ""}`),
    "Leads go to the next channel that works until this is fixed. You are not notified about each lead.",
  );
}

/** How long ops are not notified again that messages ran out of deliveries, in milliseconds: an outage ends many of them. */
const GIVEN_UP_MS = 60 * 60_000;
const GIVEN_UP = "dead letters";

/**
 * Notifies ops of leads that will not be announced any more, unless they were notified of others within the hour. The audit names
 * them all.
 */
export async function notifyOfGivenUp(
  deps: TroubleDeps,
  leadIds: readonly string[],
  cause: string,
): Promise<void> {
  const known = marksByName(await rows(deps.db, channelMarks())).get(GIVEN_UP);
  const now = deps.now();
  if (leadIds.length === 0 || (known !== undefined && known.until > now)) return;
  const { outcome } = await notifyOps(deps, givenUpMessage(leadIds, cause));
  // Nobody comes back to these leads: where ops could not be notified, the mark has a later run do it.
  const told = outcome !== "again" && outcome !== "gone";
  const mark = {
    cause: `reps were not notified of leads: ${cause}`,
    told,
    until: now + GIVEN_UP_MS,
  };
  await transaction(deps.db, [setChannelMarks([[GIVEN_UP, mark]])]);
}

/** A message to ops about leads whose reps were never notified. */
export function givenUpMessage(leadIds: readonly string[], cause: string): SlackMessage {
  const count = leadIds.length === 1 ? "a lead" : `${leadIds.length} leads`;
  return opsMessage(`Nobody was notified about ${count}: ${cause}`, leadIds);
}
