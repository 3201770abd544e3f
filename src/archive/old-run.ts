import { type OldLead, oldLeads } from "../record/old-rows.ts";
import { query, rows, sql, type Query } from "../lib/query.ts";
import { dayOfLead } from "./day.ts";

/** How large a part may be. */
export interface PartLimits {
  readonly rows: number;
  /** Of its lines, about. */
  readonly bytes: number;
}

/** Leads of one day, both ends included, all of which may go. */
export interface OldRun {
  readonly day: string;
  readonly first: string;
  readonly last: string;
}

/** A lead that is old enough to go and may not, and why: something of it has still to be done or counted, or its id names no day. */
export interface PassedBy {
  readonly id: string;
  readonly why: "unfinished" | "uncounted" | "undated";
}

export interface OldLook {
  /** Null = none was found this time. */
  readonly run: OldRun | null;
  /** The oldest leads that may not go; none where the look did not begin with the oldest. */
  readonly passedBy: readonly PassedBy[];
}

/** Windows of leads per look, each as long as a part: only those in which none may go are followed by another. */
const MAX_WINDOWS = 3;
/** The mark with the lead behind which the next look begins: empty = with the oldest. */
const PLACE = "archive_place";

/**
 * The next leads below `before` that may go. Those that may not are passed by, and where they are many the next look begins behind
 * them; once it has come to the end it begins with the oldest again.
 */
export async function findOldRun(
  db: D1Database,
  before: string,
  limits: PartLimits,
): Promise<OldLook> {
  const [mark] = await rows(db, readPlace());
  const start = mark?.value ?? "";
  const passedBy: PassedBy[] = [];
  let after = start;
  for (let windows = 0; windows < MAX_WINDOWS; windows++) {
    const old = await rows(db, oldLeads(after, before, limits.rows));
    passedBy.push(...old.flatMap(passedByOf));
    const at = old.findIndex(mayGo);
    const run = at < 0 ? null : takeRun(old.slice(at), limits.bytes);
    if (run !== null) {
      // Windows would yield ever shorter runs.
      if (at > limits.rows / 2) after = old[at - 1]?.id ?? after;
      return await look(run);
    }
    const last = old.at(-1);
    after = last === undefined || old.length < limits.rows ? "" : last.id;
    if (after === "") break;
  }
  return await look(null);

  async function look(run: OldRun | null): Promise<OldLook> {
    if (after !== start) await rows(db, notePlace(after));
    return { run, passedBy: start === "" ? passedBy : [] };
  }
}

/** Has the next look begin behind this lead. */
export async function lookOnBehind(db: D1Database, leadId: string): Promise<void> {
  await rows(db, notePlace(leadId));
}

/** The first of these leads, of one day and within these bytes, as far as they may go; one at least. */
function takeRun(old: readonly OldLead[], bytes: number): OldRun | null {
  const [first, ...others] = old;
  const day = first && dayOfLead(first.id);
  if (first === undefined || day === null || day === undefined) return null;
  let last = first;
  let size = first.size;
  for (const lead of others) {
    size += lead.size;
    if (!mayGo(lead) || dayOfLead(lead.id) !== day || size > bytes) break;
    last = lead;
  }
  return { day, first: first.id, last: last.id };
}

function mayGo(lead: OldLead): boolean {
  return passedByOf(lead).length === 0;
}

function passedByOf({ id, unfinished, uncounted }: OldLead): readonly PassedBy[] {
  if (unfinished === 1) return [{ id, why: "unfinished" }];
  if (dayOfLead(id) === null) return [{ id, why: "undated" }];
  return uncounted === 1 ? [{ id, why: "uncounted" }] : [];
}

function readPlace(): Query<{ value: string }> {
  return query(sql`SELECT value FROM marks WHERE name = ${PLACE}`);
}

function notePlace(leadId: string): Query {
  return query(sql`
    INSERT INTO marks (name, value) VALUES (${PLACE}, ${leadId}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
}
