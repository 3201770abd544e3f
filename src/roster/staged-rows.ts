import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import type { Batch, ImportedRow, ImportJob } from "./import.ts";
import { eventKeysOf, putRows, type RowList } from "./import-table.ts";

// The only place that writes `staged_rows`: what is to be imported as a whole waits there until all of it is known.

/** Age at which staged rows belong to an import that died, in milliseconds: no upload of 50 MB takes a day. */
const STALE_MS = 24 * 60 * 60 * 1000;
/** Rows one commit names: 1,500 keys of the longest domains are 0.5 MB of the 2 MB that D1 takes a row. */
const COMMIT_ROWS = 1_500;

/**
 * Stages the batches and, if no row of the file was refused, applies all of them and records the import in one transaction.
 * Null = rows were refused, and nothing is applied. Whatever happens, nothing stays staged, or the cron sweeps it away.
 */
export async function stageAndApply<Row>(
  deps: Deps,
  actor: string,
  job: ImportJob<Row>,
  batches: AsyncIterable<Batch>,
  recorded: Query<ImportedRow>,
): Promise<ImportedRow | null> {
  const attemptId = deps.newId();
  let count = 0;
  try {
    for await (const batch of batches) {
      // After the first refusal the rest is only looked at, to tell of all that is wrong with the file.
      if (job.file().refused > 0) continue;
      await rows(deps.db, stageRows(attemptId, count, batch.json));
      count += batch.count;
    }
    if (job.file().refused > 0) return null;
    const writes = applyStaged(deps, actor, job, attemptId, count);
    const [[done]] = await writeThenRead(deps.db, writes, [recorded]);
    if (done === undefined) throw new Error("staged rows were swept away before they were applied");
    return done;
  } finally {
    await drop(deps, attemptId);
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
    FROM (
      SELECT count(*) AS count FROM (${eventKeysOf(table, all)}) k CROSS JOIN events e
        ON e.subject_type = k.subject_type AND e.subject_id = k.subject_id AND e.id = k.id
    ) w WHERE (SELECT count(*) FROM staged_rows WHERE attempt_id = ${attemptId}) = ${count}`;
  return [
    dropUnlessWhole(attemptId, count, id),
    ...parts,
    insertEventsFrom(actor, at, imported),
    appendCommit(at, [], [{ subjectType: "import", subjectId: id, id }]),
    dropStaged(attemptId),
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

function dropStaged(attemptId: string): Query {
  return query(sql`DELETE FROM staged_rows WHERE attempt_id = ${attemptId}`);
}

function sweepStaged(before: number): Query {
  return query(sql`DELETE FROM staged_rows WHERE attempt_id < ${smallestLeadId(before)}`);
}

/** Drops what imports that died have left behind: it may hold names and addresses of reps. For the cron. */
export async function dropAbandoned(deps: Pick<Deps, "db" | "now" | "log">): Promise<void> {
  try {
    await rows(deps.db, sweepStaged(deps.now() - STALE_MS));
  } catch (error) {
    deps.log("warn", "staged_rows_left_to_sweep", { error: failureMessage(error) });
  }
}

/** Drops what an import that was not applied has staged. Should that fail, the cron sweeps it. */
async function drop(deps: Deps, attemptId: string): Promise<void> {
  try {
    await rows(deps.db, dropStaged(attemptId));
  } catch (error) {
    deps.log("warn", "staged_rows_left_to_sweep", { error: failureMessage(error) });
  }
}
