import { appendCommit, type AuditEvent, insertEvents } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import { eventKeysOf, putRows, rowsOfJson, type ImportTable } from "./import-table.ts";
import { stageAndApply } from "./staged-rows.ts";

/** `good-rows`: each is taken as it comes. `all-or-nothing`: either all rows of the file are good, or none is taken. */
export type ImportMode = "good-rows" | "all-or-nothing";

export interface ImportJob<Row> {
  /** Names the import in the audit: its event's id, and its subject. */
  readonly id: string;
  readonly table: ImportTable<Row>;
  readonly mode: ImportMode;
  /** The good rows, in the order of the file, no key twice. */
  readonly rows: AsyncIterable<Row>;
  /** What is known of the file once its rows came to their end; `refused` also before. */
  readonly file: () => ImportedFile;
}

export interface ImportedFile {
  /** Rows that cannot be used. */
  readonly refused: number;
  /** A digest of the file: an import's repetition has the same. */
  readonly request: string;
}

export interface ImportCount {
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

/** Rows one transaction takes: D1 does one thing at a time, and a lead at the door should not wait long behind an import. */
const BATCH_ROWS = 1_500;
/** UTF-16 units of JSON one transaction takes: at most three bytes each, and D1 takes 2 MB a parameter. */
const BATCH_LENGTH = 500_000;

/**
 * Adds or replaces many rows, each change with an audit event of its own, and records the import. By `good-rows` it takes as many
 * transactions as it needs: when one fails those before it stand, and the same import can be made again. An import that is
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
      ? await takeAsTheyCome(deps, actor, job)
      : await stageAndApply(deps, actor, job, inBatches(deps, job.rows), importedById(job.id));
  return done === null ? { outcome: "refused" } : answer(done, job);
}

async function takeAsTheyCome<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
): Promise<ImportedRow> {
  let taken = 0;
  let imported = 0;
  for await (const { json, count } of inBatches(deps, job.rows)) {
    const list = rowsOfJson(json);
    const [[written]] = await writeThenRead(deps.db, putRows(job.table, list, actor, deps.now()), [
      query<{ count: number }>(sql`
          SELECT count(*) AS count FROM (${eventKeysOf(job.table, list)}) k CROSS JOIN events e
            ON e.subject_type = k.subject_type AND e.subject_id = k.subject_id AND e.id = k.id`),
    ]);
    taken += count;
    imported += written?.count ?? 0;
  }
  const event = importEvent(job, actor, deps.now(), { imported, unchanged: taken - imported });
  const [[done]] = await writeThenRead(
    deps.db,
    [insertEvents([event]), appendCommit(event.occurredAt, [], [event])],
    [importedById(job.id)],
  );
  if (done === undefined) throw new Error("an import just recorded is not there");
  return done;
}

function importEvent<Row>(
  { id, table, mode, file }: ImportJob<Row>,
  actor: string,
  occurredAt: number,
  count: ImportCount,
): AuditEvent {
  const { refused, request } = file();
  return {
    id,
    subjectType: "import",
    subjectId: id,
    generation: null,
    kind: "imported",
    actor,
    occurredAt,
    detail: { what: table.subjectType, mode, ...count, refused, request },
  };
}

/** What the event of an import says of it. */
export interface ImportedRow extends ImportCount {
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
export interface Batch {
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
