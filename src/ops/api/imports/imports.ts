import { z } from "zod";
import { ACCOUNTS, type Imported, importReps, importRows } from "../../../roster/index.ts";
import { ACCOUNT_ROWS } from "./account-rows.ts";
import { requireConfirmed } from "../confirm.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { idempotencyHeaders, keyReused } from "../idempotency.ts";
import { importQuery, openFile, orTellOfRest, type File } from "./import-file.ts";
import { Problem } from "../problem.ts";
import { REP_ROWS } from "./rep-rows.ts";

const report = z
  .strictObject({
    importId: z.string().meta({ description: "Names the import in the audit." }),
    imported: z.int().meta({ description: "Rows that were added or changed." }),
    unchanged: z.int().meta({ description: "Rows that stood as they are." }),
    refusedCount: z.int().meta({ description: "Rows that were not taken." }),
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

  endpoint(
    api,
    {
      method: "post",
      path: "/accounts/import",
      tag: "Accounts",
      summary: "Import accounts in bulk",
      description: `Columns domain, accountId, name and ownerId, also as Salesforce, HubSpot and Pipedrive name them.${SHARED}`,
      query: importQuery,
      headers: idempotencyHeaders,
      rawBody: {
        "text/csv":
          "domain,accountId,name,ownerId\nacme-robotics.de,0015g00000Xk2Qp,Acme Robotics,bo\n",
        "application/x-ndjson":
          '{"domain":"acme-robotics.de","accountId":"0015g00000Xk2Qp","name":"Acme Robotics","ownerId":"bo"}\n',
      },
      answers: { 200: { description: "What came of it.", schema: report, example: ANSWER } },
      problems: ["unsupported_media_type"],
    },
    async (call) => {
      const file = openFile(call, "accounts/import", ACCOUNT_ROWS);
      const result = await orTellOfRest(
        file,
        importRows(call.deps, call.actor, { ...file.job, table: ACCOUNTS }),
      );
      return { status: 200, body: reportOf(file, result) };
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/reps/import",
      tag: "Reps",
      summary: "Import reps in bulk",
      description:
        "Columns id, name and timeZone, and email, slackUserId, workingHours (JSON in a CSV's cell) and dailyCap, which become null where they are " +
        `left out.${SHARED}Deactivated reps become active again. Answered once the pods have it; 503 = saved but not confirmed: repeat it.`,
      query: importQuery,
      headers: idempotencyHeaders,
      rawBody: {
        "text/csv":
          'id,name,timeZone,dailyCap,workingHours\nbo,Bo Lindqvist,Europe/Stockholm,20,"{""mon"":[[""09:00"",""17:00""]]}"\n',
        "application/x-ndjson":
          '{"id":"bo","name":"Bo Lindqvist","timeZone":"Europe/Stockholm","dailyCap":20}\n',
      },
      answers: {
        200: {
          description: "What came of it.",
          schema: report,
          example: { ...ANSWER, refusedCount: 0, refused: [] },
        },
      },
      problems: ["unsupported_media_type", "unavailable"],
    },
    async (call) => {
      const file = openFile(call, "reps/import", REP_ROWS);
      const { result, unconfirmed } = await orTellOfRest(
        file,
        importReps(call.deps, call.actor, file.job),
      );
      requireConfirmed(unconfirmed);
      return { status: 200, body: reportOf(file, result) };
    },
  );

  return api;
}

function reportOf<Row>({ job, tally }: File<Row>, result: Imported): z.infer<typeof report> {
  const { refusedCount, refused } = tally;
  switch (result.outcome) {
    case "key_reused":
      throw keyReused();
    case "refused":
      throw new Problem(
        "invalid",
        `Nothing was imported: ${refusedCount} of ${tally.rows} rows cannot be used.`,
        refused.map(({ row, field, message }) => ({
          field: `row ${row}${field && `: ${field}`}`,
          message,
        })),
      );
    case "imported": {
      const { imported, unchanged } = result;
      return { importId: job.id, imported, unchanged, refusedCount, refused };
    }
  }
}
