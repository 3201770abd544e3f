import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Lead } from "../../src/rules/lead.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { callApi } from "../pipeline/client.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  select,
  storeLead,
} from "../pipeline/open-router.ts";

const router = openRouter({ chain: chainTo("kept") });
let lead: Lead;

beforeAll(async () => {
  await addMembers(router, "kept", { ana: {}, bo: {} });
  lead = await storeLead(router);
  await routeLeads(router, [lead]);
  await deliverNotifications(router);
});

const AUDIT = {
  decisions: { key: "lead_id, generation", change: "reason = 'another'" },
  events: { key: "subject_type, subject_id, id", change: "detail = '{}'" },
  commits: { key: "no", change: "keys = '[]'" },
} as const;

describe.each(Object.entries(AUDIT))("the audit table %s", (table, { key, change }) => {
  const attempts = [
    `UPDATE ${table} SET ${change}`,
    `UPDATE OR REPLACE ${table} SET ${change}`,
    `UPDATE OR IGNORE ${table} SET ${change}`,
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} SELECT * FROM ${table}`,
    `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`,
    `REPLACE INTO ${table} SELECT * FROM ${table}`,
    `INSERT INTO ${table} SELECT * FROM ${table} WHERE true ON CONFLICT (${key}) DO UPDATE SET ${change}`,
  ];

  it.each(attempts)("stays as it is after: %s", async (statement) => {
    const before = await select(`SELECT * FROM ${table}`);
    expect(before.length).toBeGreaterThan(0);
    // The columns a REPLACE would bring along differ from those that stand.
    const [column = "", value = ""] = change.split(" = ");
    const changed = statement.replace(
      "SELECT *",
      `SELECT ${await columnsWith(table, column, value)}`,
    );
    const outcome = await env.DB.prepare(changed)
      .run()
      .then(
        ({ meta }) => `wrote ${meta.rows_written} rows`,
        (error: Error) => error.message,
      );
    if (/^(UPDATE|DELETE)/.test(statement)) expect(outcome).toContain(`${table} are append-only`);
    else expect(outcome).toBe("wrote 0 rows");
    expect(await select(`SELECT * FROM ${table}`)).toEqual(before);
  });
});

/** The table's columns in order, one of them with another value. */
async function columnsWith(table: string, changed: string, value: string): Promise<string> {
  const columns = await select(`SELECT name FROM pragma_table_info('${table}') ORDER BY cid`);
  return columns.map(({ name }) => (name === changed ? `${value} AS ${name}` : name)).join(", ");
}

describe("a lead", () => {
  const erasing = "name = NULL, email = NULL, phone = NULL, fields = '{}', erased_at = 1";
  it.each([
    "email = 'someone@else.test'",
    "score = 1",
    "received_at = 1",
    "fields = '{}'",
    "erased_at = 1",
    "email = NULL, phone = NULL, name = NULL, erased_at = 1",
    "email = NULL, name = NULL, fields = '{}', erased_at = 1",
    `${erasing}, received_at = 1`,
    `${erasing}, id = 'another'`,
  ])("refuses: SET %s", async (change) => {
    const before = await select("SELECT * FROM leads");
    await expect(env.DB.prepare(`UPDATE leads SET ${change}`).run()).rejects.toThrow(
      "a lead is immutable but for its erasure",
    );
    expect(await select("SELECT * FROM leads")).toEqual(before);
  });
});

it("a lead is not written over by REPLACE either", async () => {
  const before = await select("SELECT * FROM leads");
  const columns = await columnsWith("leads", "email", "'someone@else.test'");
  await env.DB.prepare(`INSERT OR REPLACE INTO leads SELECT ${columns} FROM leads`).run();
  expect(await select("SELECT * FROM leads")).toEqual(before);
});

describe("an erasure", () => {
  const person = {
    email: "zebulon@firm.test",
    phone: "+1 555 0199",
    name: "Zebulon Quill",
    fields: { message: "open sesame", reply_to: "zebulon@home.test" },
  };

  /** All that is kept of anybody: every table, and what the pod holds. */
  async function everything(): Promise<string> {
    const tables = await select(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
    );
    const rows = await Promise.all(tables.map(({ name }) => select(`SELECT * FROM "${name}"`)));
    const pod = await runInDurableObject(env.PODS.getByName("kept"), (_, { storage }) => [
      ...storage.sql.exec("SELECT * FROM pod"),
      ...storage.sql.exec("SELECT * FROM claims"),
    ]);
    return JSON.stringify([rows, pod]);
  }

  it.each([
    { when: "is decided and announced", route: true },
    { when: "waits to be decided", route: false },
  ])(
    "of a lead that $when leaves nothing of the person, not even after a late message",
    async ({ route }) => {
      const stored = await storeLead(router, { ...person, companyDomain: "firm.test" });
      if (route) {
        await routeLeads(router, [stored]);
        await deliverNotifications(router);
      }
      const traces = /zebulon|quill|0199|sesame/i;
      expect(await everything()).toMatch(traces);

      expect((await callApi("DELETE", `/leads/${stored.id}`)).status).toBe(204);
      expect(await everything()).not.toMatch(traces);
      // A spilled copy of the lead that was on its way all the time does not bring the person back.
      const spilled = { lead: stored, idempotencyKey: null };
      const [late] = hold([{ leadId: stored.id, generation: 1, spilled }]);
      await consumeLeads(router.deps, late ? [late] : []);
      expect(late?.outcome).toBe("acked");
      expect(await everything()).not.toMatch(traces);

      const story = (await callApi("GET", `/leads/${stored.id}`)).json;
      expect(story.lead).toMatchObject({ id: stored.id, email: null, name: null, fields: {} });
      expect(story.decisions).toHaveLength(1);
      expect(story.events.at(-1)).toMatchObject({ kind: "erased", actor: "ana" });
    },
  );
});
