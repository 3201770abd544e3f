import { z } from "zod";
import type { ImportJob } from "../../../roster/index.ts";
import type { Call } from "../endpoint.ts";
import { readEventId } from "../idempotency.ts";
import { readCsv } from "./import-csv.ts";
import { readNdjson } from "./import-ndjson.ts";
import {
  checkHeader,
  checkRows,
  type RawRow,
  type RowFormat,
  type RowTally,
} from "./import-rows.ts";
import { openImport, type ImportText } from "./import-text.ts";
import { should } from "../input.ts";
import { Problem } from "../problem.ts";

/** The query of an import. */
export const importQuery = z.strictObject({
  mode: z
    .enum(["good-rows", "all-or-nothing"], { error: should("good-rows or all-or-nothing") })
    .default("good-rows")
    .meta({
      description:
        "`good-rows` takes each good row as it comes; `all-or-nothing` takes the whole file in one transaction, or nothing of it (422).",
    }),
});
type ImportQuery = z.infer<typeof importQuery>;

/** A file on its way in: what an import takes of it, and what it turns out to hold. */
export interface File<Row> {
  readonly tally: RowTally;
  readonly job: Omit<ImportJob<Row>, "table">;
}

/**
 * Opens the body of an import.
 * @throws {Problem} unsupported_media_type, bad_request when Idempotency-Key holds no key
 */
export function openFile<Row>(
  call: Call<Record<never, never>, ImportQuery, undefined>,
  path: string,
  format: RowFormat<Row>,
): File<Row> {
  const { mode } = call.query;
  const text = openImport(call.request, mode);
  const tally: RowTally = { rows: 0, refusedCount: 0, refused: [] };
  return {
    tally,
    job: {
      id: readEventId(call, path),
      mode,
      rows: checkRows(readRaw(call.request, text, format), format, tally),
      file: () => ({ refused: tally.refusedCount, request: text.digest() }),
    },
  };
}

function readRaw<Row>(
  { headers }: Request,
  { pieces }: ImportText,
  format: RowFormat<Row>,
): AsyncIterable<RawRow> {
  switch (headers.get("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase()) {
    case "text/csv":
      return readCsv(pieces, (names) => checkHeader(format, names));
    case "application/x-ndjson":
    case "application/ndjson":
      return readNdjson(pieces);
    default:
      throw new Problem("unsupported_media_type", "Send text/csv or application/x-ndjson.");
  }
}

/** Awaits an import; of a file that breaks off in the middle it says what became of the rows before. */
export async function orTellOfRest<Row, Result>(
  { job, tally }: File<Row>,
  result: Promise<Result>,
): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof Problem) || tally.rows === 0) throw error;
    const rest =
      job.mode === "good-rows"
        ? "Good rows before that may be imported; sending them again is safe."
        : "Nothing was imported.";
    throw new Problem(error.code, `${error.message} ${rest}`, error.errors);
  }
}
