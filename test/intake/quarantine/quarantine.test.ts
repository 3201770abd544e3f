import { describe, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import { consumeDeadLeads, consumeLeads } from "../../../src/routing/consumer.ts";
import { discard, release } from "../../../src/intake/quarantine.ts";
import { DRAFT, NOW, submissionOf } from "../api/fakes.ts";
import { Ward } from "./ward.ts";

const SUSPECT = {
  draft: DRAFT,
  door: "form:contact",
  quarantineFor: "honeypot:_gotcha",
  idempotencyKey: null,
};

/** The ward's own deps, but D1 fails whatever is asked of it. */
function withoutD1(ward: Ward, overrides: Partial<Deps> = {}): Deps {
  const db = ward.db.through(() =>
    Promise.reject(new Error("Network connection lost: jane@acme.test")),
  );
  return { ...ward.deps, db, ...overrides };
}

/** Messages as the consumer gets them; yields how often each was acknowledged. */
async function deliver(ward: Ward, consume: typeof consumeLeads, times = 1): Promise<number> {
  const messages = ward.fake.sent.splice(0);
  let acked = 0;
  for (let time = 0; time < times; time++)
    await consume(
      ward.deps,
      messages.map((body) => ({
        body,
        attempts: 1,
        ack: () => void acked++,
        retry: () => {
          throw new Error("nothing is to be tried again");
        },
      })),
    );
  return acked;
}

describe("what is quarantined", () => {
  it("is kept with its door and reason, is no lead, and no queue hears of it", async () => {
    const ward = new Ward();
    const accepted = await acceptLead(ward.deps, SUSPECT);
    expect(accepted).toMatchObject({ outcome: "received" });
    expect(ward.select("SELECT * FROM quarantine")).toEqual([
      {
        id: accepted.outcome === "received" && accepted.leadId,
        received_at: NOW,
        door: "form:contact",
        reason: "honeypot:_gotcha",
        idempotency_key: null,
        outcome: null,
        outcome_at: null,
        outcome_by: null,
        event_id: null,
        draft: JSON.stringify(DRAFT),
      },
    ]);
    expect(ward.ids("leads")).toEqual([]);
    expect(ward.select("SELECT * FROM events")).toEqual([]);
    expect([ward.fake.sent, ward.fake.logged]).toEqual([[], []]);
  });

  it("is too large by the same bytes as a lead", async () => {
    const ward = new Ward();
    const draft = { ...DRAFT, fields: { text: "x".repeat(100_000) } };
    expect(await acceptLead(ward.deps, { ...SUSPECT, draft })).toEqual({ outcome: "too_large" });
    expect(ward.ids("quarantine")).toEqual([]);
  });
});

describe("when D1 does not take it", () => {
  it("goes on the queue as a whole, and is put into quarantine when delivered, once, and never among the leads", async () => {
    const ward = new Ward();
    const id = await ward.take({}, { deps: withoutD1(ward) });
    expect(ward.fake.sent).toMatchObject([
      { leadId: id, spilled: { suspicion: { door: "form:contact", reason: "honeypot:_gotcha" } } },
    ]);
    expect(ward.ids("quarantine")).toEqual([]);
    expect(JSON.stringify(ward.fake.logged)).not.toContain("jane");

    expect(await deliver(ward, consumeLeads, 2)).toBe(2);
    expect(ward.select("SELECT id, received_at, draft FROM quarantine")).toEqual([
      { id, received_at: NOW, draft: JSON.stringify(DRAFT) },
    ]);
    expect(ward.ids("leads")).toEqual([]);
    expect(ward.select("SELECT * FROM decisions")).toEqual([]);
  });

  it("waits for D1 no longer than a lead does", async () => {
    const ward = new Ward();
    const db = ward.db.through(() => new Promise(() => {}));
    let limits = 0;
    const sleep: Deps["sleep"] = () => (limits++ === 0 ? Promise.resolve() : new Promise(() => {}));
    await ward.take({}, { deps: { ...ward.deps, db, sleep } });
    expect(ward.fake.sent).toHaveLength(1);
  });

  it("is put into quarantine as well when it ran out of deliveries", async () => {
    const ward = new Ward();
    const id = await ward.take({}, { deps: withoutD1(ward) });
    // D1 refuses it for good: what is left is to try again, for it is nowhere else.
    ward.db.sqlite.exec(
      "CREATE TRIGGER poison BEFORE INSERT ON quarantine BEGIN SELECT RAISE(ABORT, 'malformed JSON'); END",
    );
    let retried = 0;
    await consumeDeadLeads(
      ward.deps,
      ward.fake.sent.map((body) => ({
        body,
        attempts: 100,
        ack: () => expect.unreachable("it is stored nowhere"),
        retry: () => void retried++,
      })),
    );
    expect(retried).toBe(1);
    ward.db.sqlite.exec("DROP TRIGGER poison");
    expect(await deliver(ward, consumeDeadLeads)).toBe(1);
    expect([ward.ids("quarantine"), ward.ids("leads")]).toEqual([[id], []]);
    expect(ward.select("SELECT * FROM decisions")).toEqual([]);
  });

  it("says unavailable when the queue is down as well", async () => {
    const ward = new Ward();
    const leads = { send: () => Promise.reject(new Error("down")) };
    expect(await acceptLead(withoutD1(ward, { leads }), SUSPECT)).toEqual({
      outcome: "unavailable",
    });
  });

  it.each(["released", "discarded"])(
    "does not come back when it was %s before its spill arrives",
    async (ending) => {
      const ward = new Ward();
      const id = await ward.take();
      // The door's own insert landed late: the whole of it lies in the queue all the same.
      const { draft } = SUSPECT;
      const lead = { ...draft, id, receivedAt: NOW };
      const suspicion = { door: SUSPECT.door, reason: SUSPECT.quarantineFor };
      if (ending === "released") await release(ward.deps, "ana", id, { reason: "a person" });
      else await discard(ward.deps, "ana", id);
      ward.fake.sent.splice(0, Infinity, {
        leadId: id,
        generation: 1,
        spilled: { lead, idempotencyKey: null, suspicion },
      });
      await deliver(ward, consumeLeads);
      expect(ward.select("SELECT outcome, draft FROM quarantine")).toEqual([
        { outcome: ending, draft: "{}" },
      ]);
      expect(ward.ids("leads")).toEqual(ending === "released" ? [id] : []);
    },
  );
});

describe("an idempotency key", () => {
  const keyed = { ...SUSPECT, idempotencyKey: "key" };

  it("that was quarantined before answers that id, also when the first one lies on the queue still", async () => {
    const ward = new Ward();
    const first = await ward.take({}, { key: "key" });
    expect(await acceptLead(ward.deps, keyed)).toEqual({
      outcome: "duplicate",
      leadId: first,
      quarantined: true,
    });
    const spilled = await ward.take({}, { key: "key", deps: withoutD1(ward) });
    expect(spilled).not.toBe(first);
    await deliver(ward, consumeLeads);
    expect(ward.ids("quarantine")).toEqual([first]);
  });

  it("of a lead answers the lead, and nothing is quarantined", async () => {
    const ward = new Ward();
    const lead = await acceptLead(ward.deps, submissionOf(DRAFT, "key"));
    expect(await acceptLead(ward.deps, keyed)).toEqual({
      ...lead,
      outcome: "duplicate",
      quarantined: true,
    });
    await ward.take({}, { key: "key", deps: withoutD1(ward) });
    ward.fake.sent.shift();
    await deliver(ward, consumeLeads);
    expect(ward.ids("quarantine")).toEqual([]);
  });

  it("in parallel is kept once", async () => {
    const ward = new Ward();
    const all = await Promise.all(Array.from({ length: 10 }, () => acceptLead(ward.deps, keyed)));
    expect(all.filter(({ outcome }) => outcome === "received")).toHaveLength(1);
    expect(ward.ids("quarantine")).toHaveLength(1);
  });
});
