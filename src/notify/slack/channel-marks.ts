import { query, sql, type Query } from "../../lib/query.ts";

// The rows of `marks` that begin with "slack:": channels with which something is wrong. A healthy channel has none.

/** What is known of a channel that is not well. */
export interface ChannelMark {
  /** Slack's words, where it is broken until somebody mends it; null = it asked to wait, or did not answer. */
  readonly cause: string | null;
  /** Whether ops know. */
  readonly told: boolean;
  /** Milliseconds since the epoch until which nothing is sent there. */
  readonly until: number;
}

/** A mark and whom it is about: a channel's name, a secret's, or "refused by" and a channel's. */
export interface NamedMark {
  readonly name: string;
  readonly mark: ChannelMark;
}

/** More broken channels than that are found out anew, each by one post. A bound on what a batch reads. */
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

export function marksByName(rows: readonly MarkRow[]): ReadonlyMap<string, ChannelMark> {
  return new Map(rows.map(({ name, value }) => [name.slice(PREFIX.length), JSON.parse(value)]));
}

export function setMarks(marks: readonly NamedMark[]): Query {
  const list = JSON.stringify(marks.map(({ name, mark }) => [PREFIX + name, JSON.stringify(mark)]));
  return query(sql`
    INSERT INTO marks (name, value) SELECT value ->> 0, value ->> 1 FROM json_each(${list}) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
}

/** These channels work again. */
export function clearMarks(names: readonly string[]): Query {
  const list = JSON.stringify(names.map((name) => PREFIX + name));
  return query(sql`DELETE FROM marks WHERE name IN (SELECT value FROM json_each(${list}))`);
}
