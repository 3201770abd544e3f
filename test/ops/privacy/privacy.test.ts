import { beforeEach, describe, expect, it } from "vitest";
import { storeSpilled } from "../../../src/record/leads.ts";
import { transaction } from "../../../src/lib/query.ts";
import { apiClient, READER, refusedFields } from "../api/api-client.ts";
import { leadOf } from "../../intake/api/fakes.ts";
import { leadId } from "../../routing/desk.ts";
import { ADA, PersonWorld, TRACES } from "./person-world.ts";

let world: PersonWorld;
let call: ReturnType<typeof apiClient>;

beforeEach(async () => {
  world = new PersonWorld();
  await world.fill();
  call = apiClient(world.desk.deps);
});

const REQUEST = { email: "Ada@Love.test", reason: "ticket 4711" };

/** All answers of a call that is repeated until it is done. */
async function repeat(path: string, body: object): Promise<any[]> {
  const answers: any[] = [];
  let cursor: string | undefined;
  do {
    const { status, json }: any = await call("POST", path, { ...body, ...(cursor && { cursor }) });
    expect(status).toBe(200);
    answers.push(json);
    cursor = json.nextCursor ?? undefined;
    expect(answers.length).toBeLessThan(100);
  } while (cursor !== undefined);
  return answers;
}

describe("POST /privacy/erase", () => {
  it("leaves nothing of the person in any table, and everybody else as they were", async () => {
    expect(world.dump()).toMatch(TRACES);
    const [answer, ...more] = await repeat("/privacy/erase", REQUEST);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({
      erased: { leads: 3, quarantined: 1, deliveries: 1, archived: 0 },
      busy: 0,
      repIds: [],
    });
    expect(world.dump()).not.toMatch(TRACES);
    expect(world.desk.select("SELECT id FROM leads WHERE email IS NOT NULL")).toEqual([
      { id: leadId(3) },
    ]);
    expect(world.desk.select("SELECT count(*) AS n FROM quarantine WHERE outcome IS NULL")).toEqual(
      [{ n: 1 }],
    );
    expect(world.desk.select("SELECT count(*) AS n FROM webhook_deliveries")).toEqual([{ n: 1 }]);
  });

  it("decides what was undecided, and audits each lead and the whole, without the person", async () => {
    const [{ requestId }] = await repeat("/privacy/erase", REQUEST);
    expect(
      world.desk.select(
        "SELECT outcome FROM decisions WHERE lead_id = (SELECT max(id) FROM leads)",
      ),
    ).toEqual([{ outcome: "unassigned" }]);
    const [event] = world.desk.select(
      "SELECT subject_id, kind, actor, detail FROM events WHERE subject_type = 'person'",
    );
    expect(event).toMatchObject({ subject_id: requestId, kind: "person_erased", actor: "ana" });
    expect(JSON.parse(String(event?.["detail"]))).toEqual({
      reason: "ticket 4711",
      leads: 3,
      quarantined: 1,
      deliveries: 1,
      archived: 0,
      busy: 0,
      unreadable: 0,
      complete: true,
    });
    const { json }: any = await call("GET", "/audit?limit=1");
    expect(json.items[0]).toMatchObject({ subjectType: "person", kind: "person_erased" });
  });

  it("erases twice what can be erased once, and says so", async () => {
    await repeat("/privacy/erase", REQUEST);
    const [again] = await repeat("/privacy/erase", REQUEST);
    expect(again.erased).toEqual({ leads: 0, quarantined: 0, deliveries: 0, archived: 0 });
  });

  it("is not undone by what lands late: a spill of the same lead, or with the same idempotency key", async () => {
    await repeat("/privacy/erase", REQUEST);
    await transaction(world.desk.db, [
      ...storeSpilled([
        { lead: leadOf(leadId(1), ADA), idempotencyKey: null },
        { lead: leadOf(leadId(50), ADA), idempotencyKey: "key-4" },
      ]),
    ]);
    expect(world.dump()).not.toMatch(TRACES);
  });

  it("takes many leads in several calls under one name in the audit, and dies in no place that is not taken up again", async () => {
    for (let n = 200; n < 240; n++) await world.desk.addLead(n, ADA);
    const answers = await repeat("/privacy/erase", REQUEST);
    expect(answers.length).toBeGreaterThan(2);
    expect(answers.reduce((sum, { erased }) => sum + erased.leads, 0)).toBe(43);
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(1);
    expect(world.dump()).not.toMatch(TRACES);
  });

  it("finds what is far back in the quarantine and among the deliveries", async () => {
    for (let n = 0; n < 450; n++) await world.suspect({ name: `Nobody ${n}` });
    for (let n = 0; n < 30; n++) await world.suspect(ADA);
    await world.deliver({ text: "to=ada%40love.test&x" });
    await repeat("/privacy/erase", REQUEST);
    expect(world.dump()).not.toMatch(/ada(@|%40)love|lovelace/i);
  });

  it("leaves a rep of that email, and names them", async () => {
    world.desk.addRep("ada");
    world.desk.db.sqlite.exec("UPDATE reps SET email = 'Ada@love.test' WHERE id = 'ada'");
    const [answer] = await repeat("/privacy/erase", REQUEST);
    expect(answer.repIds).toEqual(["ada"]);
  });

  it.each([
    [{ reason: "x" }, "email"],
    [{ email: "nobody", reason: "x" }, "email"],
    [{ email: "ada@love.test" }, "reason"],
    [{ email: "ada@love.test", reason: "ada@love.test asked" }, "reason"],
    [{ email: "ada@love.test", reason: "x", all: true }, "all"],
  ])("refuses %j", async (body, field) => {
    const { status, json } = await call("POST", "/privacy/erase", body);
    expect(status).toBe(422);
    expect(Object.keys(refusedFields(json))).toEqual([field]);
  });

  it("refuses the cursor of another person, of an export and a made-up one, and a token that may only read", async () => {
    for (let n = 200; n < 220; n++) await world.desk.addLead(n, ADA);
    const { json }: any = await call("POST", "/privacy/export", REQUEST);
    for (const cursor of [json.nextCursor, "abc"]) {
      const refused = await call("POST", "/privacy/erase", { ...REQUEST, cursor });
      expect([refused.status, Object.keys(refusedFields(refused.json))]).toEqual([400, ["cursor"]]);
    }
    const other = { email: "bob@acme.test", reason: "x", cursor: json.nextCursor };
    expect((await call("POST", "/privacy/export", other)).status).toBe(400);
    const byReader = { Authorization: READER };
    expect((await call("POST", "/privacy/export", REQUEST, byReader)).status).toBe(403);
  });
});

describe("POST /privacy/export", () => {
  it("answers everything that is known of a person, and nothing of others", async () => {
    world.desk.addRep("ada");
    world.desk.db.sqlite.exec("UPDATE reps SET email = 'ada@love.test' WHERE id = 'ada'");
    const answers = await repeat("/privacy/export", REQUEST);
    const items = answers.flatMap((answer) => answer.items);
    expect(items.map(({ type }) => type)).toEqual([
      "rep",
      "lead",
      "lead",
      "lead",
      "alias",
      "quarantined",
      "delivery",
    ]);
    expect(items[1]).toMatchObject({
      lead: { id: leadId(1), name: "Ada Lovelace", fields: ADA.fields, ownerId: "bo" },
      decisions: [{ ownerId: "bo" }],
    });
    expect(items[4]).toEqual({ type: "alias", id: leadId(5), leadId: leadId(4) });
    expect(items[5].lead.name).toBe("Ada Lovelace");
    expect(items[6].body).toContain("Ada Lovelace");
    expect(JSON.stringify(items)).not.toMatch(/jane|bob@/);
    expect(answers.at(-1)).toMatchObject({ archivedPartsLeft: 0, nextCursor: null });
  });

  it("is audited before it is answered, without the person, and kept by nobody on the way", async () => {
    const { headers } = await call("POST", "/privacy/export", REQUEST);
    expect(headers.get("Cache-Control")).toBe("no-store");
    const events = JSON.stringify(world.desk.select("SELECT * FROM events"));
    expect(events).toContain("person_exported");
    expect(events).not.toMatch(TRACES);
    expect(events).not.toContain("love.test");
  });

  it("answers nothing when the audit cannot be written", async () => {
    world.desk.db.sqlite.exec(
      "CREATE TRIGGER full BEFORE INSERT ON commits BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    const { status, text } = await call("POST", "/privacy/export", REQUEST);
    expect(status).toBe(500);
    expect(text).not.toMatch(TRACES);
  });
});
