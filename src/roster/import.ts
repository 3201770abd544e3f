import type { SQL } from "drizzle-orm";
import { failureMessage } from "../lib/failure.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { query, type Query, rows, sql, writeThenRead } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { appendCommit, type AuditEvent, insertEvents, insertEventsFrom } from "../record/events.ts";
import { REPS, type Rep } from "./reps.ts";
import { pushRosters } from "./roster.ts";
import { eventKeysOf, putRows, type RowList, type RosterTable, rowsOfJson } from "./table.ts";

export interface ImportJob<Row> {
  /** Names the import in the audit: its event's id, and its subject. */
  readonly id: string;
  readonly table: RosterTable<Row>;
  /** `good-rows`: each is imported as it comes. `all-or-nothing`: none is imported unless all rows of the file are good. */
  readonly mode: "good-rows" | "all-or-nothing";
  /** The good rows, in the order of the file, no key twice. */
  readonly rows: AsyncIterable<Row>;
  /** What is known of the file after its last row; `refused` also before. */
  readonly file: () => {
    /** Rows that cannot be used. */
    readonly refused: number;
    /** A digest of the file: an import's repetition has the same. */
    readonly request: string;
  };
}

interface ImportCount {
  /** Rows that were added or changed. */
  readonly imported: number;
  readonly unchanged: number;
}

export type Imported =
  | ({ readonly outcome: "imported" } & ImportCount)
  /** All or nothing, and some rows are refused. */
  | { readonly outcome: "refused" }
  /** The import's id was made from a key that another file was imported with. */
  | { readonly outcome: "key_reused" };

/** Rows of one transaction: D1 does one thing at a time, and a lead that comes in should not wait long behind an import. */
const BATCH_ROWS = 1_500;
/** UTF-16 units of JSON of one transaction: at most three bytes each, and D1 accepts 2 MB a parameter. */
const BATCH_LENGTH = 500_000;

/**
 * Adds or replaces many rows, each change with an audit event of its own, and records the import. By `good-rows` it uses as many
 * transactions as it needs: when one fails, those before it stay, and the same import can be made again. An import that is
 * recorded already is read through and changes nothing. Rejects with what `rows` rejects with.
 */
export async function importRows<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
): Promise<Imported> {
  const [earlier] = await rows(deps.db, importedById(job.id));
  if (earlier !== undefined) {
    for await (const _ of job.rows);
    return answer(earlier, job);
  }
  const done =
    job.mode === "good-rows"
      ? await importGoodRows(deps, actor, job)
      : await stageAndApply(deps, actor, job);
  return done === null ? { outcome: "refused" } : answer(done, job);
}

/**
 * Imports reps, then hands every pod of the chain its roster once: also when the import broke off, because the rows before that
 * are imported, and when it is repeated, because some pod may not have confirmed the first time.
 */
export async function importReps(
  deps: Deps,
  actor: string,
  job: Omit<ImportJob<Rep>, "table">,
): Promise<{ readonly result: Imported; readonly unconfirmed: readonly string[] }> {
  const podIds = deps.chain.pods.map(({ id }) => id);
  try {
    const result = await importRows(deps, actor, { ...job, table: REPS });
    return { result, unconfirmed: await pushRosters(deps, podIds) };
  } catch (error) {
    await pushRosters(deps, podIds);
    throw error;
  }
}

async function importGoodRows<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
): Promise<ImportedRow> {
  let read = 0;
  let imported = 0;
  for await (const { json, count } of inBatches(deps, job.rows)) {
    const list = rowsOfJson(json);
    const [[written]] = await writeThenRead(deps.db, putRows(job.table, list, actor, deps.now()), [
      query<{ count: number }>(countWritten(job.table, list)),
    ]);
    read += count;
    imported += written?.count ?? 0;
  }
  const { id, mode } = job;
  const { refused, request } = job.file();
  const event: AuditEvent = {
    id,
    subjectType: "import",
    subjectId: id,
    generation: null,
    kind: "imported",
    actor,
    occurredAt: deps.now(),
    detail: {
      what: job.table.subjectType,
      mode,
      imported,
      unchanged: read - imported,
      refused,
      request,
    },
  };
  const [[done]] = await writeThenRead(
    deps.db,
    [insertEvents([event]), appendCommit(event.occurredAt, [], [event])],
    [importedById(job.id)],
  );
  if (done === undefined) throw new Error("an import just recorded is not there");
  return done;
}

/** What the event of an import says of it. */
interface ImportedRow extends ImportCount {
  readonly request: string;
}

/** The import of this id, if it is recorded. */
function importedById(id: string): Query<ImportedRow> {
  return query(sql`
    SELECT detail ->> 'imported' AS imported, detail ->> 'unchanged' AS unchanged, detail ->> 'request' AS request
    FROM events WHERE subject_type = 'import' AND subject_id = ${id} AND id = ${id}`);
}

function answer<Row>({ imported, unchanged, request }: ImportedRow, job: ImportJob<Row>): Imported {
  return request === job.file().request
    ? { outcome: "imported", imported, unchanged }
    : { outcome: "key_reused" };
}

/** Rows as one bound parameter carries them. */
interface Batch {
  /** A JSON array of the rows, each with the id of the event that it may become. */
  readonly json: string;
  readonly count: number;
}

async function* inBatches<Row>(deps: Deps, list: AsyncIterable<Row>): AsyncGenerator<Batch> {
  let items: string[] = [];
  let length = 0;
  for await (const row of list) {
    const item = JSON.stringify({ ...row, eventId: deps.newId() });
    if (items.length === BATCH_ROWS || length + item.length > BATCH_LENGTH) {
      yield { json: `[${items.join(",")}]`, count: items.length };
      items = [];
      length = 0;
    }
    items.push(item);
    length += item.length;
  }
  if (items.length > 0) yield { json: `[${items.join(",")}]`, count: items.length };
}

/** How many of these rows became events: a SELECT of `count`. */
function countWritten<Row>(table: RosterTable<Row>, list: RowList): SQL {
  return sql`
    SELECT count(*) AS count FROM (${eventKeysOf(table, list)}) k CROSS JOIN events e
      ON e.subject_type = k.subject_type AND e.subject_id = k.subject_id AND e.id = k.id`;
}

// All or nothing: rows wait in `staged_rows`, which nothing else writes, until all of them are known.

/** Age at which staged rows belong to an import that died, in milliseconds: no upload of 50 MB takes a day. */
const STALE_MS = 24 * 60 * 60 * 1000;
/** Rows one commit names: 1,500 keys of the longest domains are 0.5 MB of the 2 MB that D1 allows a row. */
const COMMIT_ROWS = 1_500;

/**
 * Stages the batches and, if no row of the file was refused, applies all of them and records the import in one transaction.
 * Null = rows were refused, and nothing is applied. Whatever happens, nothing stays staged, or the cron sweeps it away.
 */
async function stageAndApply<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
): Promise<ImportedRow | null> {
  const attemptId = deps.newId();
  let count = 0;
  try {
    for await (const batch of inBatches(deps, job.rows)) {
      // After the first refusal the rest is only checked, to report all that is wrong with the file.
      if (job.file().refused > 0) continue;
      await rows(deps.db, stageRows(attemptId, count, batch.json));
      count += batch.count;
    }
    if (job.file().refused > 0) return null;
    const writes = applyStaged(deps, actor, job, attemptId, count);
    const [[done]] = await writeThenRead(deps.db, writes, [importedById(job.id)]);
    if (done === undefined) throw new Error("staged rows were swept away before they were applied");
    return done;
  } finally {
    await drop(deps, sql`attempt_id = ${attemptId}`);
  }
}

function applyStaged<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
  attemptId: string,
  count: number,
): readonly Query[] {
  const at = deps.now();
  const parts: Query[] = [];
  for (let after = 0; after < count; after += COMMIT_ROWS)
    parts.push(...putRows(job.table, stagedRows(attemptId, after, COMMIT_ROWS), actor, at));
  const { id, mode, table, file } = job;
  const all = stagedRows(attemptId, 0, count);
  const imported = sql`
    SELECT 'import' AS subject_type, ${id} AS subject_id, ${id} AS id, 'imported' AS kind,
      json_object('what', ${table.subjectType}, 'mode', ${mode}, 'imported', w.count, 'unchanged', ${count} - w.count,
        'refused', 0, 'request', ${file().request}) AS detail
    FROM (${countWritten(table, all)}) w WHERE (SELECT count(*) FROM staged_rows WHERE attempt_id = ${attemptId}) = ${count}`;
  return [
    dropUnlessWhole(attemptId, count, id),
    ...parts,
    insertEventsFrom(actor, at, imported),
    appendCommit(at, [], [{ subjectType: "import", subjectId: id, id }]),
    dropStaged(sql`attempt_id = ${attemptId}`),
  ];
}

function stageRows(attemptId: string, after: number, json: string): Query {
  return query(sql`
    INSERT INTO staged_rows (attempt_id, place, value)
    SELECT ${attemptId}, ${after} + n.key + 1, n.value FROM json_each(${json}) n`);
}

/** Up to `limit` staged rows from the one after `after` on. */
function stagedRows(attemptId: string, after: number, limit: number): RowList {
  return sql`(
    SELECT value FROM staged_rows WHERE attempt_id = ${attemptId} AND place > ${after} AND place <= ${after + limit} ORDER BY place)`;
}

/**
 * The guard of the transaction: rows that are not all there, or whose import is recorded already, are dropped, and then there is
 * nothing to apply.
 */
function dropUnlessWhole(attemptId: string, count: number, importId: string): Query {
  return query(sql`
    DELETE FROM staged_rows WHERE attempt_id = ${attemptId} AND (
      (SELECT count(*) FROM staged_rows s WHERE s.attempt_id = ${attemptId}) <> ${count}
      OR EXISTS (SELECT 1 FROM events e WHERE e.subject_type = 'import' AND e.subject_id = ${importId} AND e.id = ${importId}))`);
}

/** Drops what imports that died have left behind: it may hold names and addresses of reps. For the cron. */
export async function dropAbandoned(deps: Pick<Deps, "db" | "now" | "log">): Promise<void> {
  await drop(deps, sql`attempt_id < ${smallestLeadId(deps.now() - STALE_MS)}`);
}

/** Drops these staged rows. Should that fail, the cron drops them. */
async function drop({ db, log }: Pick<Deps, "db" | "log">, which: SQL): Promise<void> {
  try {
    await rows(db, dropStaged(which));
  } catch (error) {
    log("warn", "staged_rows_left_to_sweep", { error: failureMessage(error) });
  }
}

function dropStaged(which: SQL): Query {
  return query(sql`DELETE FROM staged_rows WHERE ${which}`);
}
