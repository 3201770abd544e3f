import { eq } from "drizzle-orm";
import { SQLiteSyncDialect } from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import { builder, built, query, rows, sql, transaction } from "../../src/lib/query.ts";
import { columns, except, only } from "../../src/record/columns.ts";
import { accounts, reps } from "../../src/record/schema.ts";
import { openD1 } from "./sqlite-d1.ts";

const dialect = new SQLiteSyncDialect();
const textOf = (list: ReturnType<typeof columns>) => dialect.sqlToQuery(list).sql;

describe("the columns of a table", () => {
  it("are listed under the names of the schema", () => {
    expect(textOf(columns(accounts))).toBe(
      '"domain" AS "domain", "account_id" AS "accountId", "name" AS "name", "owner_id" AS "ownerId"',
    );
  });

  it("can be of an alias, some of them alone, or all but some", () => {
    expect(textOf(columns(only(accounts, "ownerId", "domain"), "a"))).toBe(
      '"a"."owner_id" AS "ownerId", "a"."domain" AS "domain"',
    );
    expect(textOf(columns(except(accounts, "name", "ownerId")))).toBe(
      '"domain" AS "domain", "account_id" AS "accountId"',
    );
  });
});

describe("a SELECT of Drizzle's builder", () => {
  it("yields rows as the schema types them, alone and in a transaction", async () => {
    const db = openD1();
    db.sqlite.exec(
      `INSERT INTO reps (id, name, time_zone, working_hours) VALUES ('bo', 'Bo', 'UTC', '{"mon":[["09:00","17:00"]]}')`,
    );
    const fields = only(reps, "id", "slackUserId", "workingHours", "active");
    const bo = built(builder.select(fields).from(reps).where(eq(reps.id, "bo")));
    const row = {
      id: "bo",
      slackUserId: null,
      workingHours: { mon: [["09:00", "17:00"]] },
      active: true,
    };
    expect(await rows(db, bo)).toEqual([row]);
    const one = query<{ one: number }>(sql`SELECT 1 AS one`);
    expect(await transaction(db, [one, bo])).toEqual([[{ one: 1 }], [row]]);
  });
});
