import { describe, expect, it } from "vitest";
import { acceptLead } from "../../../src/intake/accept.ts";
import { leadFromRow, leadsByIds } from "../../../src/record/leads.ts";
import { discard, release } from "../../../src/intake/quarantine.ts";
import { eraseLead } from "../../../src/routing/acts.ts";
import { rows } from "../../../src/lib/query.ts";
import { DRAFT, NOW, submissionOf } from "../api/fakes.ts";
import { losingAnswerOf } from "../../routing/desk.ts";
import { DAY, Ward } from "./ward.ts";

const WHY = { reason: "a password manager filled in the trap" };

/** A ward in which one submission has waited for a day. */
async function openWard(): Promise<{ ward: Ward; id: string }> {
  const ward = new Ward();
  const id = await ward.take();
  ward.now = NOW + DAY;
  return { ward, id };
}

function releasedBy(actor: string, leadId: string, releasedAt: number) {
  return { outcome: "released", leadId, releasedAt, releasedBy: actor };
}

async function idOf(accepted: ReturnType<typeof acceptLead>): Promise<string> {
  const result = await accepted;
  return "leadId" in result ? result.leadId : expect.unreachable(result.outcome);
}

describe("a release", () => {
  it("makes a lead of it, with its own id and the instant it came in, and sends it on its way", async () => {
    const { ward, id } = await openWard();
    expect(await release(ward.deps, "ana", id, WHY)).toEqual(releasedBy("ana", id, NOW + DAY));
    expect((await rows(ward.db, leadsByIds([id]))).map(leadFromRow)).toEqual([
      { ...DRAFT, id, receivedAt: NOW },
    ]);
    expect(ward.fake.sent).toEqual([{ leadId: id, generation: 1 }]);
  });

  it("is told in the lead's story: by whom, why, and why it was kept; without the person", async () => {
    const { ward, id } = await openWard();
    await release(ward.deps, "ana", id, WHY);
    const [event, ...others] = ward.select("SELECT * FROM events");
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      subject_type: "lead",
      subject_id: id,
      kind: "released",
      actor: "ana",
      occurred_at: NOW + DAY,
      commit_no: 1,
    });
    expect(JSON.parse(String(event?.["detail"]))).toEqual({
      reason: WHY.reason,
      door: "form:contact",
      quarantinedFor: "honeypot:_gotcha",
      submissionId: id,
    });
    expect(
      ward.select("SELECT keys FROM commits").map(({ keys }) => JSON.parse(String(keys))),
    ).toEqual([[["event", "lead", id, event?.["id"]]]]);
  });

  it("leaves the person in the lead alone, so that erasing the lead erases them", async () => {
    const { ward, id } = await openWard();
    expect(ward.dump()).toContain("jane@acme.test");
    await release(ward.deps, "ana", id, WHY);
    await eraseLead(ward.deps, "ana", id);
    for (const said of ["jane", "Jane", "123456", "Hello"]) expect(ward.dump()).not.toContain(said);
    expect(await release(ward.deps, "ana", id, WHY)).toEqual({ outcome: "erased" });
  });

  it("asked for again answers the same, and the lead is sent and told of once", async () => {
    const { ward, id } = await openWard();
    const first = await release(ward.deps, "ana", id, WHY);
    ward.now += DAY;
    expect(await release(ward.deps, "bo", id, { reason: "me too" })).toEqual(first);
    expect(ward.fake.sent).toHaveLength(1);
    expect(ward.select("SELECT kind FROM events")).toEqual([{ kind: "released" }]);
  });

  it("asked for by ten at once happens once", async () => {
    const { ward, id } = await openWard();
    // Every call looks before the first one writes.
    const db = ward.db.through(async (call) => {
      await new Promise(setImmediate);
      return call();
    });
    const all = await Promise.all(
      Array.from({ length: 10 }, () => release({ ...ward.deps, db }, "ana", id, WHY)),
    );
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(all[0]).toMatchObject({ outcome: "released", leadId: id });
    expect(ward.fake.sent).toHaveLength(1);
    expect(ward.ids("leads")).toEqual([id]);
    expect(ward.select("SELECT count(*) AS n FROM events")).toEqual([{ n: 1 }]);
    expect(ward.select("SELECT count(*) AS n FROM commits")).toEqual([{ n: 1 }]);
  });

  it("whose answer was lost is repeated without harm; the sweep has the lead", async () => {
    const { ward, id } = await openWard();
    ward.db.sqlite.prepare("UPDATE marks SET value = ? WHERE name = 'sweep'").run(`${id}0`);
    const deps = { ...ward.deps, db: losingAnswerOf(ward.db) };
    await expect(release(deps, "ana", id, WHY)).rejects.toThrow("Network connection lost");
    expect(await release(deps, "ana", id, WHY)).toEqual(releasedBy("ana", id, NOW + DAY));
    expect(ward.ids("leads")).toEqual([id]);
    expect(ward.select("SELECT lead_id, kind FROM pending")).toEqual([
      { lead_id: id, kind: "route" },
    ]);
  });

  it("stands when the queue is down", async () => {
    const { ward, id } = await openWard();
    const leads = { send: () => Promise.reject(new Error("down")) };
    const result = await release({ ...ward.deps, leads }, "ana", id, WHY);
    expect(result).toEqual(releasedBy("ana", id, NOW + DAY));
    expect(ward.ids("leads")).toEqual([id]);
  });

  it("of what nobody knows, or what is older than 30 days, finds nothing", async () => {
    const { ward, id } = await openWard();
    expect(await release(ward.deps, "ana", "nobody", WHY)).toEqual({ outcome: "not_found" });
    ward.now = NOW + 30 * DAY;
    expect(await release(ward.deps, "ana", id, WHY)).toEqual({ outcome: "not_found" });
    expect(ward.ids("leads")).toEqual([]);
    ward.now -= 1;
    expect(await release(ward.deps, "ana", id, WHY)).toMatchObject({ outcome: "released" });
  });
});

describe("what says the same as a lead", () => {
  it("by its idempotency key becomes that lead: one lead, and the release in its story", async () => {
    const ward = new Ward();
    const id = await ward.take({}, { key: "key" });
    const leadId = await idOf(acceptLead(ward.deps, submissionOf(DRAFT, "key")));
    expect(leadId).not.toBe(id);
    ward.now += DAY;
    const result = await release(ward.deps, "ana", id, WHY);
    expect(result).toEqual(releasedBy("ana", leadId, ward.now));
    expect(await release(ward.deps, "ana", id, WHY)).toEqual(result);
    expect(ward.ids("leads")).toEqual([leadId]);
    // The lead's own message, and no other.
    expect(ward.fake.sent).toEqual([{ leadId, generation: 1 }]);
    expect(
      ward.select("SELECT subject_id, detail ->> 'submissionId' AS submission FROM events"),
    ).toEqual([{ subject_id: leadId, submission: id }]);
  });

  it("sent twice and released twice is one lead", async () => {
    const ward = new Ward();
    const ids = [await ward.take(), await ward.take({}, { door: "form:other" })];
    const other = await ward.take({ fields: { message: "Something else" } });
    for (const id of [...ids, other]) await release(ward.deps, "ana", id, WHY);
    expect(ward.ids("leads")).toEqual([ids[0], other]);
    expect(ward.fake.sent.map(({ leadId }) => leadId)).toEqual([ids[0], other]);
    expect(ward.select("SELECT id, lead_id FROM lead_aliases")).toEqual([
      { id: ids[1], lead_id: ids[0] },
    ]);
  });

  it("does not bring an erased person back", async () => {
    const ward = new Ward();
    const id = await ward.take({}, { key: "key" });
    const leadId = await idOf(acceptLead(ward.deps, submissionOf(DRAFT, "key")));
    await eraseLead(ward.deps, "ana", leadId);
    expect(await release(ward.deps, "ana", id, WHY)).toEqual({ outcome: "erased" });
    expect(ward.dump()).not.toContain("jane");
  });
});

describe("what is thrown away", () => {
  it("is gone but for the fact: nothing of the person is in any table, and the audit says who did it", async () => {
    const { ward, id } = await openWard();
    expect(await discard(ward.deps, "ana", id)).toEqual({ outcome: "discarded" });
    for (const said of ["jane", "Jane", "123456", "Hello"]) expect(ward.dump()).not.toContain(said);
    expect(ward.select("SELECT subject_type, subject_id, kind, actor, detail FROM events")).toEqual(
      [
        {
          subject_type: "quarantine",
          subject_id: id,
          kind: "discarded",
          actor: "ana",
          detail: JSON.stringify({ door: "form:contact", quarantinedFor: "honeypot:_gotcha" }),
        },
      ],
    );
    expect(ward.select("SELECT json_array_length(keys) AS n FROM commits")).toEqual([{ n: 1 }]);
  });

  it("is thrown away once, and cannot be released after; what is released cannot be thrown away", async () => {
    const { ward, id } = await openWard();
    const other = await ward.take({ email: "bo@acme.test" });
    await discard(ward.deps, "ana", id);
    expect(await discard(ward.deps, "ana", id)).toEqual({ outcome: "discarded" });
    expect(await release(ward.deps, "ana", id, WHY)).toEqual({ outcome: "discarded" });
    await release(ward.deps, "ana", other, WHY);
    expect(await discard(ward.deps, "ana", other)).toEqual({ outcome: "released" });
    expect(await discard(ward.deps, "ana", "nobody")).toEqual({ outcome: "not_found" });
    expect(ward.ids("leads")).toEqual([other]);
    expect(ward.select("SELECT kind FROM events ORDER BY commit_no")).toEqual([
      { kind: "discarded" },
      { kind: "released" },
    ]);
  });

  it("and released at once ends one way only", async () => {
    for (const first of ["release", "discard"]) {
      const { ward, id } = await openWard();
      const db = ward.db.through(async (call) => {
        await new Promise(setImmediate);
        return call();
      });
      const deps = { ...ward.deps, db };
      const acts = [() => release(deps, "ana", id, WHY), () => discard(deps, "bo", id)];
      if (first === "discard") acts.reverse();
      await Promise.all(acts.map((act) => act()));
      const [row] = ward.select("SELECT outcome FROM quarantine");
      expect(ward.ids("leads")).toEqual(row?.["outcome"] === "released" ? [id] : []);
      expect(ward.select("SELECT kind FROM events")).toEqual([{ kind: row?.["outcome"] }]);
      expect(ward.fake.sent).toHaveLength(row?.["outcome"] === "released" ? 1 : 0);
    }
  });
});
