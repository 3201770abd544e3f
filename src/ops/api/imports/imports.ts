import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import type { Deps } from "../../../ports/deps.ts";
import {
  ACCOUNTS,
  type Imported,
  type ImportJob,
  importReps,
  importRows,
} from "../../../roster/index.ts";
import { readPieces } from "../body.ts";
import { requireConfirmed } from "../confirm.ts";
import { type ApiPart, apiPart, type Endpoint, endpoint } from "../endpoint.ts";
import { idempotencyHeaders, keyReused, readEventId } from "../idempotency.ts";
import { should } from "../input.ts";
import { Problem } from "../problem.ts";
import {
  ACCOUNT_ROWS,
  checkHeader,
  checkRows,
  REP_ROWS,
  type RowFormat,
  type RowTally,
} from "./import-rows.ts";
import { readRows } from "./import-text.ts";

/** Bytes of an imported file: 100,000 rows of 500 bytes. */
const MAX_BYTES = 50_000_000;

const importQuery = z.strictObject({
  mode: z
    .enum(["good-rows", "all-or-nothing"], { error: should("good-rows or all-or-nothing") })
    .default("good-rows")
    .meta({
      description:
        "`good-rows` imports each good row as it comes; `all-or-nothing` imports the whole file in one transaction, or nothing of it (422).",
    }),
});

const report = z
  .strictObject({
    importId: z.string().meta({ description: "Names the import in the audit." }),
    imported: z.int().meta({ description: "Rows that were added or changed." }),
    unchanged: z.int().meta({ description: "Rows that changed nothing." }),
    refusedCount: z.int().meta({ description: "Rows that cannot be used." }),
    refused: z
      .array(z.strictObject({ row: z.int(), field: z.string(), message: z.string() }))
      .readonly()
      .meta({
        description: "The first 1,000 problems; rows count from 1, the first after the header.",
      }),
  })
  .meta({ id: "ImportReport" });

const ANSWER: z.infer<typeof report> = {
  importId: "019abc12-7d3e-7a52-9c0d-1f2e3d4c5b6a",
  imported: 1284,
  unchanged: 96,
  refusedCount: 1,
  refused: [
    {
      row: 17,
      field: "domain",
      message: "should be a company's domain; gmail.com is a free mail service",
    },
  ],
};

const SHARED =
  " Up to 50 MB and 100,000 rows, read as they come. Rows replace what is there, as PUT does; each change is an audit event, and the " +
  "import is one. Sending a file again is safe. ";

/** Bulk imports of accounts and reps. */
export function importsApi(): ApiPart {
  const api = apiPart();

  addImport(
    api,
    {
      path: "/accounts/import",
      tag: "Accounts",
      summary: "Import accounts in bulk",
      description: `Columns domain, accountId, name and ownerId, also as Salesforce, HubSpot and Pipedrive name them.${SHARED}`,
      rawBody: {
        "text/csv":
          "domain,accountId,name,ownerId\nacme-robotics.de,0015g00000Xk2Qp,Acme Robotics,bo\n",
        "application/x-ndjson":
          '{"domain":"acme-robotics.de","accountId":"0015g00000Xk2Qp","name":"Acme Robotics","ownerId":"bo"}\n',
      },
    },
    ANSWER,
    ACCOUNT_ROWS,
    async (deps, actor, job) => ({
      result: await importRows(deps, actor, { ...job, table: ACCOUNTS }),
      unconfirmed: [],
    }),
  );

  addImport(
    api,
    {
      path: "/reps/import",
      tag: "Reps",
      summary: "Import reps in bulk",
      description:
        "Columns id, name and timeZone, and email, slackUserId, workingHours (JSON in a CSV's cell) and dailyCap, which become null where they are " +
        `left out.${SHARED}Deactivated reps become active again. Answered once the pods have it; 503 = saved but not confirmed: repeat it.`,
      rawBody: {
        "text/csv":
          'id,name,timeZone,dailyCap,workingHours\nbo,Bo Lindqvist,Europe/Stockholm,20,"{""mon"":[[""09:00"",""17:00""]]}"\n',
        "application/x-ndjson":
          '{"id":"bo","name":"Bo Lindqvist","timeZone":"Europe/Stockholm","dailyCap":20}\n',
      },
    },
    { ...ANSWER, refusedCount: 0, refused: [] },
    REP_ROWS,
    importReps,
  );

  return api;
}

type Job<Row> = Omit<ImportJob<Row>, "table">;

function addImport<Row>(
  api: ApiPart,
  words: Pick<Endpoint<never, never, never, never>, "path" | "tag" | "summary"> & {
    readonly description: string;
    readonly rawBody: Readonly<Record<string, string>>;
  },
  example: z.infer<typeof report>,
  format: RowFormat<Row>,
  run: (
    deps: Deps,
    actor: string,
    job: Job<Row>,
  ) => Promise<{ readonly result: Imported; readonly unconfirmed: readonly string[] }>,
): void {
  endpoint(
    api,
    {
      ...words,
      method: "post",
      query: importQuery,
      headers: idempotencyHeaders,
      answers: { 200: { description: "What came of it.", schema: report, example } },
      problems: ["unsupported_media_type"],
    },
    async (call) => {
      const {
        request,
        query: { mode },
      } = call;
      const tally: RowTally = { rows: 0, refusedCount: 0, refused: [] };
      const digest = sha256.create().update(utf8ToBytes(`${mode}\n`));
      const pieces = readPieces(request, MAX_BYTES, (bytes) => void digest.update(bytes));
      const raw = readRows(request.headers.get("Content-Type"), pieces, (names) =>
        checkHeader(format, names),
      );
      const job: Job<Row> = {
        id: readEventId(call, words.path.slice(1)),
        mode,
        rows: checkRows(raw, format, tally),
        file: () => ({
          refused: tally.refusedCount,
          request: bytesToHex(digest.clone().digest()).slice(0, 32),
        }),
      };
      const { result, unconfirmed } = await orTellOfRest(
        mode,
        tally,
        run(call.deps, call.actor, job),
      );
      requireConfirmed(unconfirmed);
      return { status: 200, body: reportOf(job.id, tally, result) };
    },
  );
}

/** Awaits an import; if the file breaks off in the middle, the problem also says what became of the rows before. */
async function orTellOfRest<Result>(
  mode: string,
  tally: RowTally,
  result: Promise<Result>,
): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof Problem) || tally.rows === 0) throw error;
    const rest =
      mode === "good-rows"
        ? "Good rows before that may be imported; sending them again is safe."
        : "Nothing was imported.";
    throw new Problem(error.code, `${error.message} ${rest}`, error.errors);
  }
}

function reportOf(
  importId: string,
  { rows, refusedCount, refused }: RowTally,
  result: Imported,
): z.infer<typeof report> {
  switch (result.outcome) {
    case "key_reused":
      throw keyReused();
    case "refused":
      throw new Problem(
        "invalid",
        `Nothing was imported: ${refusedCount} of ${rows} rows cannot be used.`,
        refused.map(({ row, field, message }) => ({
          field: `row ${row}${field && `: ${field}`}`,
          message,
        })),
      );
    case "imported": {
      const { imported, unchanged } = result;
      return { importId, imported, unchanged, refusedCount, refused };
    }
  }
}
