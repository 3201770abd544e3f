import { beforeEach, describe, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import {
  insertUnlessRepeated,
  leadsByIds,
  resolveAliases,
  standingLeadId,
  storeSpilled,
} from "../../../src/record/leads.ts";
import { query, rows, sql, transaction } from "../../../src/lib/query.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { DRAFT, fakeDeps, NOW, submissionOf } from "./fakes.ts";

const MINUTE = 60_000;
const PHONE_ONLY: LeadDraft = { ...DRAFT, email: null };
const MERGE = { mergeRepeats: true };

let clock = NOW;
beforeEach(() => {
  clock = NOW;
});

function open() {
  const db = openD1();
  let ids = 0;
  const overrides: Partial<Deps> = {
    now: () => clock,
    newId: () => `${smallestLeadId(clock).slice(0, -6)}${String(++ids).padStart(6, "0")}`,
  };
  const fake = fakeDeps(db, overrides);
  const down = fakeDeps(
    db.through(() => Promise.reject(new Error("down"))),
    {
      ...overrides,
      leads: fake.deps.leads,
    },
  );
  return {
    ...fake,
    db,
    take: (draft: LeadDraft, key: string | null = null) =>
      acceptLead(fake.deps, submissionOf(draft, key, MERGE)),
    /** Taken while D1 is away: it lies in the queue. */
    spill: async (draft: LeadDraft): Promise<string> => {
      const accepted = await acceptLead(down.deps, submissionOf(draft, null, MERGE));
      return accepted.outcome === "received" ? accepted.leadId : "";
    },
    /** What the consumer does with what spilled, in one batch or one by one. */
    deliver: async (batch: boolean) => {
      const spilled = fake.sent.flatMap((message) => message.spilled ?? []);
      for (const wave of batch ? [spilled] : spilled.map((one) => [one]))
        await transaction(db, storeSpilled(wave));
    },
    count: async () =>
      (await rows(db, query<{ n: number }>(sql`SELECT count(*) AS n FROM leads`)))[0]?.n,
    events: async () =>
      await rows(db, query(sql`SELECT subject_id AS leadId, kind, actor, detail FROM events`)),
  };
}

describe.each([
  ["with an address", DRAFT],
  ["with a phone only", PHONE_ONLY],
])("the same submission again, %s", (_, draft) => {
  it("is the same lead: one id, one row, one message, and an event that says so", async () => {
    const door = open();
    const first = await door.take(draft);
    clock += 9 * MINUTE;
    const again = await door.take(draft);
    // The story is kept for ever, so it tells of ten minutes once.
    for (let more = 0; more < 3; more++) await door.take(draft);
    expect([first.outcome, again.outcome]).toEqual(["received", "duplicate"]);
    expect(again).toMatchObject({ leadId: "leadId" in first && first.leadId });
    expect(await door.count()).toBe(1);
    expect(door.sent).toHaveLength(1);
    expect(await door.events()).toEqual([
      {
        leadId: "leadId" in first && first.leadId,
        kind: "duplicate_submission",
        actor: "router",
        detail: "{}",
      },
    ]);
  });

  it("in parallel is one lead", async () => {
    const door = open();
    const taken = await Promise.all(Array.from({ length: 5 }, () => door.take(draft)));
    expect(taken.filter(({ outcome }) => outcome === "received")).toHaveLength(1);
    expect(await door.count()).toBe(1);
  });

  it("after ten minutes is another lead, and so is one that says anything else", async () => {
    const door = open();
    await door.take(draft);
    const others: Partial<LeadDraft>[] = [
      { name: "Other" },
      { source: null },
      { score: 1 },
      { phone: "+49 30 999999" },
      { fields: { message: "Bye" } },
      { fields: { ...DRAFT.fields, _form: "other" } },
    ];
    for (const other of others)
      expect((await door.take({ ...draft, ...other })).outcome).toBe("received");
    clock += 10 * MINUTE + 1;
    expect((await door.take(draft)).outcome).toBe("received");
    expect(await door.count()).toBe(others.length + 2);
    expect(await door.events()).toEqual([]);
  });

  it.each([
    ["both spilled, in one batch", true, true, true],
    ["both spilled, in two", true, true, false],
    ["the first spilled, the second stored before it", true, false, false],
    ["the first stored, the second spilled", false, true, false],
  ])("%s: one lead, and both ids lead there", async (_name, firstSpills, secondSpills, batch) => {
    const door = open();
    const put = async (spills: boolean) => {
      if (spills) return await door.spill(draft);
      const taken = await door.take(draft);
      return "leadId" in taken ? taken.leadId : "";
    };
    const first = await put(firstSpills);
    clock += MINUTE;
    const second = await put(secondSpills);
    expect(first).not.toBe(second);
    for (let delivery = 0; delivery < 2; delivery++) {
      await door.deliver(batch);
      expect(await door.count()).toBe(1);
      const names = await rows(door.db, resolveAliases([first, second]));
      expect(new Set(names.map(({ leadId }) => leadId)).size).toBe(1);
      expect(await rows(door.db, leadsByIds([names[0]?.leadId ?? ""]))).toHaveLength(1);
    }
  });

  it("spilled hours apart and delivered in one batch is two leads", async () => {
    const door = open();
    await door.spill(draft);
    clock += 60 * MINUTE;
    await door.spill(draft);
    await door.spill(draft);
    await door.deliver(true);
    expect(await door.count()).toBe(2);
  });
});

it("a client that sends a key is taken at its word", async () => {
  const door = open();
  await door.take(DRAFT);
  expect((await door.take(DRAFT, "key")).outcome).toBe("received");
  expect((await door.take(DRAFT, "key")).outcome).toBe("duplicate");
  expect(await door.events()).toEqual([]);
});

it("without being asked to, nothing is merged", async () => {
  const door = open();
  for (let n = 0; n < 2; n++)
    expect((await acceptLead(door.deps, submissionOf(DRAFT))).outcome).toBe("received");
});

it("an erased lead is nobody's repeat", async () => {
  const door = open();
  await door.take(DRAFT);
  door.db.sqlite.exec(
    "UPDATE leads SET email = NULL, phone = NULL, name = NULL, company = NULL, fields = '{}', erased_at = 1",
  );
  expect((await door.take(DRAFT)).outcome).toBe("received");
});

/** Time limits of which the first runs out at once and no other does. */
function firstOnly(): Deps["sleep"] {
  let calls = 0;
  return () => (calls++ === 0 ? Promise.resolve() : new Promise(() => {}));
}

it("an insert that lands after its lead became an alias is none", async () => {
  const door = open();
  const gate = Promise.withResolvers<void>();
  const late = fakeDeps(
    door.db.through(async (call) => {
      await gate.promise;
      return call();
    }),
    {
      now: () => clock,
      newId: () => smallestLeadId(clock),
      sleep: firstOnly(),
      leads: door.deps.leads,
    },
  );
  expect((await acceptLead(late.deps, submissionOf(DRAFT, null, MERGE))).outcome).toBe("received");
  await door.take(DRAFT);
  await door.deliver(true);
  gate.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  expect(await door.count()).toBe(1);
});

it("the look reads the leads of one address by their index, or the newest by their key, and scans nothing", () => {
  const { db } = open();
  const asked: string[] = [];
  const watched = db.through(async (call) => call());
  watched.prepare = (text) => {
    asked.push(text);
    return db.prepare(text);
  };
  void rows(watched, insertUnlessRepeated({ ...DRAFT, id: "a", receivedAt: NOW }));
  void rows(watched, standingLeadId({ ...DRAFT, id: "a", receivedAt: NOW }));
  expect(asked).toHaveLength(2);
  for (const text of asked) {
    const plan = db.sqlite.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    const steps = plan.map(({ detail }) => String(detail)).filter((step) => step.includes("leads"));
    expect(steps).toContain("SEARCH leads USING INDEX leads_by_email (email=? AND id>? AND id<?)");
    expect(steps).toContain("SEARCH leads USING PRIMARY KEY (id>? AND id<?)");
    expect(steps.filter((step) => step.startsWith("SCAN"))).toEqual([]);
  }
});
