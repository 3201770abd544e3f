import { query, type Query, rows, sql } from "../../lib/query.ts";
import { type AuditEvent, recordEvents } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { base64url } from "jose";
import { archivedLeadsOf, type FoundLead, type PartPlace } from "../../archive/index.ts";

// Where a person is known by their email, as it is stored: in lower case. Each look reads a bounded number of rows.

/** Up to `limit` leads of an email after an id, in order of arrival. Those erased have no email any more. */
function leadsOfPerson(email: string, after: string, limit: number): Query<{ id: string }> {
  return query(sql`
    SELECT id FROM leads WHERE email = ${email} AND id > ${after} ORDER BY id LIMIT ${limit}`);
}

/** Of up to `limit` aliases after an id, which are another id of a lead of this email (1 or 0). */
function aliasesOfPerson(
  email: string,
  after: string,
  limit: number,
): Query<{ id: string; leadId: string; isTheirs: 0 | 1 }> {
  return query(sql`
    SELECT a.id, a.lead_id AS leadId, coalesce(l.email = ${email}, 0) AS isTheirs
    FROM (SELECT id, lead_id FROM lead_aliases WHERE id > ${after} ORDER BY id LIMIT ${limit}) a
    LEFT JOIN leads l ON l.id = a.lead_id ORDER BY a.id`);
}

/** Of up to `limit` quarantined submissions after an id, which wait and are of this email (1 or 0). */
function suspectsOfPerson(
  email: string,
  after: string,
  limit: number,
): Query<{ id: string; isTheirs: 0 | 1 }> {
  return query(sql`
    SELECT id, outcome IS NULL AND coalesce(draft ->> 'email' = ${email}, 0) AS isTheirs
    FROM quarantine WHERE id > ${after} ORDER BY id LIMIT ${limit}`);
}

/** The ids of reps who have this email. Reads every rep. */
function repsOfPerson(email: string): Query<{ id: string }> {
  return query(sql`SELECT id FROM reps WHERE lower(email) = ${email} ORDER BY id`);
}

/** Up to `limit` kept deliveries after an id, of `maxBytes` together, but always one. */
function keptDeliveries(
  after: string,
  limit: number,
  maxBytes: number,
): Query<{ id: string; body: string }> {
  return query(sql`
    WITH ahead AS MATERIALIZED (
      SELECT id, sum(bytes) OVER (ORDER BY id) AS total, row_number() OVER (ORDER BY id) AS place
      FROM (SELECT id, bytes FROM webhook_deliveries WHERE id > ${after} ORDER BY id LIMIT ${limit})
    )
    SELECT d.id, d.body FROM ahead a CROSS JOIN webhook_deliveries d ON d.id = a.id
    WHERE a.total <= ${maxBytes} OR a.place = 1 ORDER BY d.id`);
}

/** What was done about a person whom the audit does not name: neither by email nor by a digest of it, which guessing would undo. */
export interface PersonAct {
  /** The same for every call of one erasure or export. */
  readonly requestId: string;
  readonly kind: "person_erased" | "person_exported";
  readonly actor: string;
  readonly reason: string;
  /** How much of what this call found. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whether it was the last call, and none of them left anything out. */
  readonly isComplete: boolean;
}

/** Audits one call of an erasure or export. Rejects when that is not known to be written. */
export async function recordPersonAct(
  deps: Pick<Deps, "db" | "now" | "newId">,
  { requestId, kind, actor, reason, counts, isComplete }: PersonAct,
): Promise<void> {
  const at = deps.now();
  const event: AuditEvent = {
    id: deps.newId(),
    subjectType: "person",
    subjectId: requestId,
    generation: null,
    kind,
    actor,
    occurredAt: at,
    detail: { reason, ...counts, complete: isComplete },
  };
  await recordEvents(deps.db, [event], at);
}

/** What stands for a character in JSON, forms and HTML. A line break is no part of an address, nor is any other escape. */
const ESCAPES = /%([0-9a-f]{2})|\\u([0-9a-f]{4})|&#x([0-9a-f]{1,4});|&#(\d{1,5});|\\[bfnrt"\\/]/gi;

/**
 * Whether a text that somebody sent, whatever its format, names an email: as a whole, not as the end of a longer one.
 * @param email in lower case
 */
export function namesEmail(text: string, email: string): boolean {
  const plain = text
    .replace(ESCAPES, (_, percent?: string, unicode?: string, hex?: string, decimal?: string) => {
      const code = percent ?? unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return decimal === undefined ? " " : String.fromCharCode(Number(decimal));
    })
    .toLowerCase();
  for (let at = plain.indexOf(email); at >= 0; at = plain.indexOf(email, at + 1)) {
    const before = plain.slice(Math.max(0, at - 1), at);
    const behind = plain.slice(at + email.length, at + email.length + 2);
    if (!/[\w.+%-]/.test(before) && !/^(?:[\w-]|\.\w)/.test(behind)) return true;
  }
  return false;
}

/** Leads and quarantined submissions per look: erasing one takes two calls of D1, and the free plan allows 50 a request. */
const TRACES = 15;
/** Rows that no index finds, per look: drafts of some kilobytes. */
const ROWS = 200;
/** Bytes of raw deliveries per look: decoded and searched, some ten times that of memory. */
const BYTES = 2_000_000;
/** Looks per call, as long as they find little. */
const LOOKS = 8;

/** Where a person may be looked for. */
export const WHERE = ["reps", "leads", "aliases", "quarantine", "deliveries", "archive"] as const;
export type Where = (typeof WHERE)[number];

/** How far was looked. */
export interface Place {
  readonly where: Where;
  /** The last row looked at, empty at the start. */
  readonly after: string;
  /** Whether anything on the way here was left out. */
  readonly missed: boolean;
}

/** What is known of a person, as ids; of the archive the leads themselves. */
export type Trace =
  | { readonly where: Exclude<Where, "archive" | "aliases">; readonly id: string }
  | { readonly where: "aliases"; readonly id: string; readonly leadId: string }
  | { readonly where: "archive"; readonly found: FoundLead };

interface Look {
  readonly traces: readonly Trace[];
  /** Where to look on in the same place; null = it has no more. */
  readonly next: string | null;
  /** Parts of the archive that are not searched yet. */
  readonly partsLeft?: number;
  /** Parts of the archive that could not be read. */
  readonly unreadable?: readonly string[];
}

export interface Walk {
  readonly traces: readonly Trace[];
  /** Where the next call carries on; null = everything was looked at. */
  readonly next: Place | null;
  /** Parts of the archive that are not searched yet; null while it was not come to them. */
  readonly partsLeft: number | null;
  /** Keys of the archive's parts that could not be read. */
  readonly unreadable: readonly string[];
  /** Whether anything was left out, in this call or in one before it. */
  readonly missed: boolean;
}

/**
 * Looks for a person, a bounded number of rows a call.
 * @param places where, in this order
 * @param start the `next` of the call before; null = from the beginning
 */
export async function walkPerson(
  deps: Deps,
  email: string,
  places: readonly Where[],
  start: Place | null,
): Promise<Walk> {
  const traces: Trace[] = [];
  let next: Place | null = start ?? placeAfter(places, null, false);
  let partsLeft: number | null = null;
  let missed = start?.missed ?? false;
  const unreadable: string[] = [];
  for (let looks = 0; next !== null && looks < LOOKS && traces.length < TRACES; looks++) {
    const { where, after }: Place = next;
    const look = await lookFor(deps, email, where, after);
    traces.push(...look.traces);
    partsLeft = look.partsLeft ?? null;
    unreadable.push(...(look.unreadable ?? []));
    missed ||= unreadable.length > 0;
    next =
      look.next === null ? placeAfter(places, where, missed) : { where, after: look.next, missed };
    // Each look at the archive fetches as much as a call may.
    if (partsLeft !== null) break;
  }
  return { traces, next, partsLeft, unreadable, missed };
}

function placeAfter(places: readonly Where[], where: Where | null, missed: boolean): Place | null {
  const following = places[where === null ? 0 : places.indexOf(where) + 1];
  return following === undefined ? null : { where: following, after: "", missed };
}

async function lookFor(deps: Deps, email: string, where: Where, after: string): Promise<Look> {
  const { db } = deps;
  switch (where) {
    case "reps": {
      const found = await rows(db, repsOfPerson(email));
      return { traces: found.map(({ id }) => ({ where, id })), next: null };
    }
    case "leads": {
      const found = await rows(db, leadsOfPerson(email, after, TRACES));
      return { traces: found.map(({ id }) => ({ where, id })), next: lastOf(found, TRACES) };
    }
    case "aliases": {
      const found = await rows(db, aliasesOfPerson(email, after, ROWS));
      const theirs = found.filter(({ isTheirs }) => isTheirs === 1);
      const traces = theirs.map(({ id, leadId }) => ({ where, id, leadId }));
      return { traces, next: lastOf(found, ROWS) };
    }
    case "quarantine": {
      const found = await rows(db, suspectsOfPerson(email, after, ROWS));
      const theirs = found.filter(({ isTheirs }) => isTheirs === 1);
      const traces = theirs.slice(0, TRACES).map(({ id }) => ({ where, id }));
      const cut = theirs.length > TRACES ? traces.at(-1)?.id : undefined;
      return { traces, next: cut ?? lastOf(found, ROWS) };
    }
    case "deliveries": {
      const found = await rows(db, keptDeliveries(after, ROWS, BYTES));
      const theirs = found.filter(({ body }) => namesEmail(decode(body), email));
      // Fewer rows than asked for may have been too many bytes: only an empty look is the last one.
      const traces = theirs.map(({ id }) => ({ where, id }));
      return { traces, next: lastOf(found, 1) };
    }
    case "archive": {
      const { leads, next, ...rest } = await archivedLeadsOf(deps, email, partAfter(after));
      const traces = leads.map((found) => ({ where, found }));
      return { traces, ...rest, next: next && `${next.day}/${next.part}` };
    }
  }
}

function lastOf(found: readonly { readonly id: string }[], limit: number): string | null {
  return found.length < limit ? null : (found.at(-1)?.id ?? null);
}

function decode(body: string): string {
  return new TextDecoder().decode(base64url.decode(body));
}

function partAfter(after: string): PartPlace | null {
  const [day, part] = after.split("/");
  return day === undefined || part === undefined ? null : { day, part: Number(part) };
}
