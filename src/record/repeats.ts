import type { SQL } from "drizzle-orm";
import type { SpilledLead } from "./messages.ts";
import { query, sql, transaction } from "../lib/query.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { appendCommit, columnsOfEvents, leadEvent, nextCommitNo } from "./events.ts";

// The same submission again: a double click, a reload, a browser's retry. It is told from a new lead by all it says, within ten
// minutes, and by no row of its own: an idempotency key would cost one for each lead, and a digest of what somebody sent would
// outlive their erasure. The SQL here is for src/record/leads.ts, which alone writes the table.

/** How long the same submission is the same lead, in milliseconds. */
export const WINDOW_MS = 10 * 60_000;
/** Of one address in the window, the newest, so that nobody can make the look dear. */
const LOOKED_AT_OF_ONE_EMAIL = 20;
/** Without an address there is no index: of the newest leads of all. People who click twice do so within seconds. */
const LOOKED_AT_OF_ALL = 200;

/** The columns that say what was submitted. */
const SAID = [
  "email",
  "phone",
  "name",
  "company",
  "company_domain",
  "country_code",
  "region",
  "source",
  "score",
  "fields",
];

/** A condition: whether two rows with a lead's columns, by these names, say the same. */
export function saysTheSame(one: string, other: string): string {
  return SAID.map((column) => `${one}.${column} IS ${other}.${column}`).join(" AND ");
}

/** The ids between which the repeat of a lead that was received then has its own. */
export function repeatWindow(receivedAt: number): { since: string; until: string } {
  return {
    since: smallestLeadId(receivedAt - WINDOW_MS),
    until: smallestLeadId(receivedAt + WINDOW_MS),
  };
}

/**
 * An expression over a row `s` with a lead's columns and its window: the id of another stored lead that says the same and came
 * at most ten minutes before or after; NULL when there is none. Reads leads of the same address only; without an address, a
 * bounded number.
 */
export const repeatedLeadId: SQL = sql.raw(`
  CASE WHEN s.email IS NULL
    THEN ${newestThatSaysTheSame("true", LOOKED_AT_OF_ALL)}
    ELSE ${newestThatSaysTheSame("email = s.email", LOOKED_AT_OF_ONE_EMAIL)} END`);

function newestThatSaysTheSame(where: string, limit: number): string {
  return `(SELECT r.id FROM (
      SELECT * FROM leads WHERE ${where} AND id >= s.since AND id <= s.until ORDER BY id DESC LIMIT ${limit}
    ) AS r WHERE r.id <> s.id AND ${saysTheSame("r", "s")}
    ORDER BY r.id LIMIT 1)`;
}

/**
 * Spilled leads in waves, in which no two say the same: each wave sees in the table what the one before it left. Almost always
 * there is one.
 */
export function splitRepeats(spilled: readonly SpilledLead[]): readonly (readonly SpilledLead[])[] {
  const seen = new Map<string, number>();
  const waves: SpilledLead[][] = [];
  for (const item of spilled) {
    const { id: _id, receivedAt: _at, ...said } = item.lead;
    const text = JSON.stringify(said);
    const wave = item.mergeRepeats ? (seen.get(text) ?? 0) : 0;
    if (item.mergeRepeats) seen.set(text, wave + 1);
    (waves[wave] ??= []).push(item);
  }
  return waves;
}

/**
 * Tells a lead's story that it was sent again, unless it tells so already.
 * @param since the smallest id of an event that counts as telling it already: nobody may fill what is kept for ever
 */
export async function recordRepeatedSubmission(
  db: D1Database,
  { id, leadId, at, since }: { id: string; leadId: string; at: number; since: string },
): Promise<void> {
  const event = leadEvent(
    id,
    { leadId, generation: 1 },
    { kind: "duplicate_submission", occurredAt: at, detail: {} },
  );
  const { subjectType, generation, kind, actor } = event;
  const insert = query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT ${subjectType}, ${leadId}, ${id}, ${generation}, ${kind}, ${actor}, ${at}, ${nextCommitNo}, '{}'
    WHERE NOT EXISTS (
      SELECT 1 FROM events AS e
      WHERE e.subject_type = ${subjectType} AND e.subject_id = ${leadId} AND e.id >= ${since} AND e.kind = ${kind})
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
  await transaction(db, [insert, appendCommit(at, [], [event])]);
}
