import { describe, expect, it } from "vitest";
import type { Lead } from "../../../src/rules/lead.ts";
import {
  insertLead,
  leadFromRow,
  leadIdOfKey,
  leadsByIds,
  resolveAliases,
  storeSpilled,
} from "../../../src/record/leads.ts";
import { query, rows, sql, transaction } from "../../../src/lib/query.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { leadOf, NOW } from "./fakes.ts";

async function readLeads(db: D1Database, ids: readonly string[]): Promise<Lead[]> {
  return (await rows(db, leadsByIds(ids))).map(leadFromRow);
}

async function aliases(db: D1Database): Promise<unknown[]> {
  return await rows(db, query(sql`SELECT id, lead_id AS leadId FROM lead_aliases ORDER BY id`));
}

describe("a stored lead", () => {
  it("comes back as it was, with every field and with none", async () => {
    const db = openD1();
    const full = leadOf("full");
    const bare = leadOf("bare", {
      email: null,
      name: null,
      company: null,
      companyDomain: null,
      countryCode: null,
      region: null,
      source: null,
      score: null,
      fields: {},
    });
    await rows(db, insertLead(full, null));
    await rows(db, insertLead(bare, "key"));
    expect(await readLeads(db, ["bare", "nobody", "full"])).toEqual([bare, full]);
  });

  it("is written once: the same id or the same key again changes nothing", async () => {
    const db = openD1();
    await rows(db, insertLead(leadOf("a"), "key"));
    await rows(db, insertLead(leadOf("a", { name: "Other" }), null));
    await rows(db, insertLead(leadOf("b"), "key"));
    expect(await readLeads(db, ["a", "b"])).toEqual([leadOf("a")]);
    expect(await rows(db, leadIdOfKey("key"))).toEqual([{ id: "a" }]);
    expect(await rows(db, leadIdOfKey("other"))).toEqual([]);
  });
});

describe("spilled leads", () => {
  it("are stored as they would have been at the door, and a second time changes nothing", async () => {
    const db = openD1();
    const odd = leadOf("odd", {
      name: `O'Neil "😀" \n`,
      score: -1.25,
      phone: null,
      fields: { n: 1e300, s: "ü", deep: [[{}]] },
    });
    const spilled = [
      { lead: leadOf("a"), idempotencyKey: null },
      { lead: odd, idempotencyKey: "key" },
    ];
    for (let delivery = 0; delivery < 2; delivery++) {
      await transaction(db, storeSpilled(spilled));
      expect(await readLeads(db, ["a", "odd"])).toEqual([leadOf("a"), odd]);
    }
    expect(await rows(db, leadIdOfKey("key"))).toEqual([{ id: "odd" }]);
    expect(await aliases(db)).toEqual([]);
  });

  it("become an alias of the lead that has their key, before and within the batch", async () => {
    const db = openD1();
    await rows(db, insertLead(leadOf("first"), "k1"));
    const spilled = [
      { lead: leadOf("second"), idempotencyKey: "k1" },
      { lead: leadOf("third"), idempotencyKey: "k2" },
      { lead: leadOf("fourth"), idempotencyKey: "k2" },
      { lead: leadOf("fifth"), idempotencyKey: null },
    ];
    for (let delivery = 0; delivery < 2; delivery++) {
      await transaction(db, storeSpilled(spilled));
      expect(
        await rows(db, resolveAliases(["first", "second", "third", "fourth", "fifth", "unknown"])),
      ).toEqual([
        { id: "first", leadId: "first" },
        { id: "second", leadId: "first" },
        { id: "third", leadId: "third" },
        { id: "fourth", leadId: "third" },
        { id: "fifth", leadId: "fifth" },
        { id: "unknown", leadId: "unknown" },
      ]);
      expect(
        (await readLeads(db, ["first", "second", "third", "fourth", "fifth"])).map(({ id }) => id),
      ).toEqual(["first", "third", "fifth"]);
    }
  });

  it("stay one when the door's own insert lands late, and whichever lands first", async () => {
    const db = openD1();
    await transaction(db, storeSpilled([{ lead: leadOf("a"), idempotencyKey: "key" }]));
    await rows(db, insertLead(leadOf("a"), "key"));
    await transaction(db, storeSpilled([{ lead: leadOf("b"), idempotencyKey: "key" }]));
    await rows(db, insertLead(leadOf("b"), "key"));
    expect((await readLeads(db, ["a", "b"])).map(({ id }) => id)).toEqual(["a"]);
    expect(await aliases(db)).toEqual([{ id: "b", leadId: "a" }]);
  });

  it("stay what they became when the person is erased and they are delivered again", async () => {
    const db = openD1();
    const [first, alias, later] = ["first", "alias", "later"].map((id) => ({
      lead: leadOf(id),
      idempotencyKey: "key",
    }));
    if (!first || !alias || !later) throw new Error("three leads");
    await transaction(db, storeSpilled([first, alias]));
    const erase = sql`UPDATE leads SET erased_at = ${NOW}, email = NULL, phone = NULL, name = NULL,
      company = NULL, fields = '{}' WHERE id = 'first'`;
    await rows(db, query(erase));
    await transaction(db, storeSpilled([alias]));
    expect((await readLeads(db, ["first", "alias"])).map(({ id }) => id)).toEqual(["first"]);

    await transaction(db, storeSpilled([later]));
    await transaction(db, storeSpilled([first]));
    expect(await readLeads(db, ["first", "alias", "later"])).toMatchObject([
      { id: "first", email: null },
    ]);
    expect(await aliases(db)).toEqual([
      { id: "alias", leadId: "first" },
      { id: "later", leadId: "first" },
    ]);
  });

  it("take two statements for a hundred, and more only for what one parameter of D1 cannot hold", async () => {
    const small = Array.from({ length: 100 }, (_, i) => ({
      lead: leadOf(`s${i}`),
      idempotencyKey: `k${i}`,
    }));
    expect(storeSpilled(small)).toHaveLength(2);
    expect(storeSpilled([])).toEqual([]);

    const db = openD1();
    const large = Array.from({ length: 50 }, (_, i) => ({
      lead: leadOf(`l${i}`, { fields: { text: '"'.repeat(45_000) } }),
      idempotencyKey: "one key",
    }));
    await transaction(db, storeSpilled(large));
    expect(
      await readLeads(
        db,
        large.map(({ lead }) => lead.id),
      ),
    ).toEqual([large[0]?.lead]);
    expect(await aliases(db)).toHaveLength(49);
  });

  it("bring their own pending row when the sweep has passed them by", async () => {
    const db = openD1();
    await rows(db, query(sql`UPDATE marks SET value = 'm' WHERE name = 'sweep'`));
    await transaction(
      db,
      storeSpilled([
        { lead: leadOf("a"), idempotencyKey: null },
        { lead: leadOf("z"), idempotencyKey: null },
      ]),
    );
    expect(await rows(db, query(sql`SELECT lead_id, kind, due FROM pending`))).toEqual([
      { lead_id: "a", kind: "route", due: NOW + 60_000 },
    ]);
  });
});
