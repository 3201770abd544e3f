import { describe, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import type { RouteMessage } from "../../../src/record/messages.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import { PERSIST_LIMIT_MS, SEND_LIMIT_MS } from "../../../src/intake/durable.ts";
import {
  leadFromRow,
  leadsByIds,
  resolveAliases,
  storeSpilled,
} from "../../../src/record/leads.ts";
import { query, rows, sql, transaction } from "../../../src/lib/query.ts";
import { openD1, type SqliteD1 } from "../../record/sqlite-d1.ts";
import { DRAFT, fakeDeps, leadOf, submissionOf } from "./fakes.ts";

const QUEUE_DOWN: Deps["leads"] = {
  send: () => Promise.reject(new Error("queue is down for jane@acme.test")),
};
const QUEUE_HANGS: Deps["leads"] = { send: () => new Promise(() => {}) };
const LIMITS_RUN_OUT: Deps["sleep"] = () => Promise.resolve();

const NEVER: Deps["sleep"] = () => new Promise(() => {});

/** The database behind a gate: every call waits for it, then goes ahead or fails with what it yields. */
function gated(db: SqliteD1, gate: Promise<Error | null>): SqliteD1 {
  return db.through(async (call) => {
    const error = await gate;
    if (error !== null) throw error;
    return call();
  });
}

const d1Down = (db: SqliteD1): SqliteD1 =>
  gated(db, Promise.resolve(new Error("Network connection lost: jane@acme.test")));
const d1Hangs = (db: SqliteD1): SqliteD1 => gated(db, new Promise(() => {}));

async function storedIds(db: D1Database): Promise<string[]> {
  return (await rows(db, query<{ id: string }>(sql`SELECT id FROM leads ORDER BY id`))).map(
    ({ id }) => id,
  );
}

/** What the consumer does first with the spilled leads of its messages. */
async function deliver(db: D1Database, messages: readonly RouteMessage[]): Promise<void> {
  const spilled = messages.flatMap((message) => message.spilled ?? []);
  await transaction(db, storeSpilled(spilled));
}

describe("when all is well", () => {
  it("stores the lead, tells the queue its id only, and says received", async () => {
    const db = openD1();
    const { deps, sent, logged } = fakeDeps(db);
    expect(await acceptLead(deps, submissionOf(DRAFT))).toEqual({
      outcome: "received",
      leadId: "lead-1",
    });
    expect((await rows(db, leadsByIds(["lead-1"]))).map(leadFromRow)).toEqual([leadOf("lead-1")]);
    expect(sent).toEqual([{ leadId: "lead-1", generation: 1 }]);
    const detail = { leadId: "lead-1", door: "api", spilled: false, ms: 0 };
    expect(logged).toEqual([{ level: "info", event: "lead_received", detail }]);
  });

  it("answers the same key with the first lead, once stored and once sent", async () => {
    const db = openD1();
    const { deps, sent } = fakeDeps(db);
    expect(await acceptLead(deps, submissionOf(DRAFT, "key"))).toEqual({
      outcome: "received",
      leadId: "lead-1",
    });
    expect(await acceptLead(deps, submissionOf({ ...DRAFT, name: "Other" }, "key"))).toEqual({
      outcome: "duplicate",
      leadId: "lead-1",
    });
    expect(await acceptLead(deps, submissionOf(DRAFT, "other key"))).toEqual({
      outcome: "received",
      leadId: "lead-3",
    });
    expect(await storedIds(db)).toEqual(["lead-1", "lead-3"]);
    expect(sent.map(({ leadId }) => leadId)).toEqual(["lead-1", "lead-3"]);
  });

  it("answers the same key in parallel with one lead", async () => {
    const db = openD1();
    const { deps, sent } = fakeDeps(db);
    const accepted = await Promise.all(
      Array.from({ length: 10 }, () => acceptLead(deps, submissionOf(DRAFT, "key"))),
    );
    expect(accepted.filter(({ outcome }) => outcome === "received")).toHaveLength(1);
    expect(accepted.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(9);
    expect(await storedIds(db)).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });
});

describe("when D1 does not take the lead", () => {
  it.each([
    ["fails", d1Down, NEVER, "lead_insert_failed"],
    ["hangs", d1Hangs, LIMITS_RUN_OUT, "lead_insert_late"],
  ])(
    "because it %s: the whole lead goes on the queue, and the caller gets success",
    async (_, broken, sleep, event) => {
      const db = openD1();
      const { deps, sent, logged } = fakeDeps(broken(db), { sleep: firstCallOnly(sleep) });
      expect(await acceptLead(deps, submissionOf(DRAFT, "key"))).toEqual({
        outcome: "received",
        leadId: "lead-1",
      });
      const lead = leadOf("lead-1");
      expect(sent).toEqual([
        { leadId: "lead-1", generation: 1, spilled: { lead, idempotencyKey: "key" } },
      ]);
      expect(logged.map((line) => line.event)).toEqual([event, "lead_received"]);
      expect(logged.at(-1)?.detail).toMatchObject({ spilled: true });

      await deliver(db, sent);
      expect((await rows(db, leadsByIds(["lead-1"]))).map(leadFromRow)).toEqual([lead]);
    },
  );

  it("waits for D1 and for the queue no longer than their limits", async () => {
    const asked: number[] = [];
    const sleep: Deps["sleep"] = (milliseconds) => {
      asked.push(milliseconds);
      return Promise.resolve();
    };
    const { deps } = fakeDeps(d1Hangs(openD1()), { leads: QUEUE_HANGS, sleep });
    await acceptLead(deps, submissionOf(DRAFT));
    expect(asked).toEqual([PERSIST_LIMIT_MS, SEND_LIMIT_MS]);
  });

  it("stores once when the insert lands after the spill was sent, before and after its delivery", async () => {
    for (const order of ["insert first", "delivery first"]) {
      const db = openD1();
      const gate = Promise.withResolvers<Error | null>();
      const { deps, sent } = fakeDeps(gated(db, gate.promise), {
        sleep: firstCallOnly(LIMITS_RUN_OUT),
      });
      expect(await acceptLead(deps, submissionOf(DRAFT, "key"))).toEqual({
        outcome: "received",
        leadId: "lead-1",
      });
      if (order === "delivery first") await deliver(db, sent);
      gate.resolve(null);
      await settle();
      if (order === "insert first") {
        expect(await storedIds(db)).toEqual(["lead-1"]);
        await deliver(db, sent);
      }
      expect(await storedIds(db)).toEqual(["lead-1"]);
      expect(await rows(db, resolveAliases(["lead-1"]))).toEqual([
        { id: "lead-1", leadId: "lead-1" },
      ]);
    }
  });

  it("lets a retry with the same key win, and makes the spilled lead its alias", async () => {
    const db = openD1();
    const broken = fakeDeps(d1Down(db));
    expect(await acceptLead(broken.deps, submissionOf(DRAFT, "key"))).toMatchObject({
      outcome: "received",
      leadId: "lead-1",
    });
    const { deps } = fakeDeps(db, { newId: () => "lead-2" });
    expect(await acceptLead(deps, submissionOf(DRAFT, "key"))).toEqual({
      outcome: "received",
      leadId: "lead-2",
    });
    await deliver(db, broken.sent);
    expect(await storedIds(db)).toEqual(["lead-2"]);
    expect(await rows(db, resolveAliases(["lead-1"]))).toEqual([
      { id: "lead-1", leadId: "lead-2" },
    ]);
  });
});

describe("when the queue does not take the message", () => {
  it("says received all the same, because D1 has the lead and the sweep will find it", async () => {
    for (const overrides of [
      { leads: QUEUE_DOWN },
      { leads: QUEUE_HANGS, sleep: secondCallOnly(LIMITS_RUN_OUT) },
    ]) {
      const db = openD1();
      const { deps, logged } = fakeDeps(db, overrides);
      expect(await acceptLead(deps, submissionOf(DRAFT))).toEqual({
        outcome: "received",
        leadId: "lead-1",
      });
      expect(await storedIds(db)).toEqual(["lead-1"]);
      expect(logged.filter(({ level }) => level !== "info")).toHaveLength(1);
    }
  });

  it("says unavailable when D1 is down as well, and a later retry with the same key finds what landed late", async () => {
    const db = openD1();
    const gate = Promise.withResolvers<Error | null>();
    const first = fakeDeps(gated(db, gate.promise), {
      leads: QUEUE_DOWN,
      sleep: firstCallOnly(LIMITS_RUN_OUT),
    });
    expect(await acceptLead(first.deps, submissionOf(DRAFT, "key"))).toEqual({
      outcome: "unavailable",
    });
    gate.resolve(null);
    await settle();
    const { deps } = fakeDeps(db, { newId: () => "lead-2" });
    expect(await acceptLead(deps, submissionOf(DRAFT, "key"))).toEqual({
      outcome: "duplicate",
      leadId: "lead-1",
    });
  });

  it("logs each failure, the late ones too, and never what the errors quote", async () => {
    const gate = Promise.withResolvers<Error | null>();
    const { deps, logged } = fakeDeps(gated(openD1(), gate.promise), {
      leads: QUEUE_DOWN,
      sleep: firstCallOnly(LIMITS_RUN_OUT),
    });
    await acceptLead(deps, submissionOf(DRAFT));
    gate.resolve(new Error("overloaded: jane@acme.test"));
    await settle();
    expect(logged.map(({ event }) => event)).toEqual([
      "lead_insert_late",
      "lead_send_failed",
      "lead_insert_failed",
    ]);
    expect(JSON.stringify(logged)).not.toContain("jane");
    expect(logged.at(-1)?.detail).toEqual({ leadId: "lead-1", failure: "overloaded" });
  });
});

describe("a lead that no queue message could carry", () => {
  it("is too large by its bytes, and is neither stored nor sent", async () => {
    const db = openD1();
    const { deps, sent } = fakeDeps(db);
    const fits = { ...DRAFT, fields: { text: "x".repeat(99_000) } };
    expect(await acceptLead(deps, submissionOf(fits))).toMatchObject({ outcome: "received" });
    for (const text of ["x".repeat(100_000), "ü".repeat(50_000), '"'.repeat(50_000)]) {
      expect(await acceptLead(deps, submissionOf({ ...DRAFT, fields: { text } }))).toEqual({
        outcome: "too_large",
      });
    }
    expect(await storedIds(db)).toEqual(["lead-1"]);
    expect(sent).toHaveLength(1);
  });
});

/** The first limit (D1's) behaves as told, the second (the queue's) never runs out. */
function firstCallOnly(sleep: Deps["sleep"]): Deps["sleep"] {
  let calls = 0;
  return (milliseconds) => (calls++ === 0 ? sleep(milliseconds) : NEVER(milliseconds));
}

/** The first limit (D1's) never runs out, the second (the queue's) behaves as told. */
function secondCallOnly(sleep: Deps["sleep"]): Deps["sleep"] {
  let calls = 0;
  return (milliseconds) => (calls++ === 1 ? sleep(milliseconds) : NEVER(milliseconds));
}

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
