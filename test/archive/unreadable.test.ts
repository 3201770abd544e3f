import { describe, expect, it } from "vitest";
import { apiClient } from "../ops/api/api-client.ts";
import { LONG_AGO, openArchive } from "./past.ts";

const SMALL = { rows: 20, bytes: 1_000_000 };

/** Sixty leads in three parts. */
async function openArchived(leads = 60, limits = SMALL) {
  const world = openArchive();
  const past = world.past.addDay(LONG_AGO, leads);
  world.past.addToday();
  await world.closeDays();
  await world.tend(limits);
  return { ...world, leads: past, call: apiClient(world.deps) };
}

type World = Awaited<ReturnType<typeof openArchived>>;

/** All answers of a call about a person that is repeated until nothing is left to look at. */
async function repeat(world: World, path: string, email: string): Promise<any[]> {
  const answers: any[] = [];
  let cursor: string | undefined;
  do {
    const body = { email, reason: "ticket 4711", ...(cursor && { cursor }) };
    const { status, json }: any = await world.call("POST", path, body);
    expect(status).toBe(200);
    answers.push(json);
    cursor = json.nextCursor ?? undefined;
    expect(answers.length).toBeLessThan(30);
  } while (cursor !== undefined);
  return answers;
}

function damage(world: World, how: "missing" | "damaged", part = 0): string {
  const key = world.bucket.parts("leads")[part] ?? "";
  if (how === "missing") world.bucket.objects.delete(key);
  else world.bucket.objects.set(key, new Uint8Array([1, 2, 3]));
  return key;
}

describe.each(["missing", "damaged"] as const)("a part that is %s", (how) => {
  it("keeps nobody else from being erased or exported, and is named", async () => {
    const world = await openArchived();
    const key = damage(world, how);
    const [exported] = await repeat(world, "/privacy/export", "jane-55@acme.test");
    expect(exported.items).toMatchObject([{ lead: { email: "jane-55@acme.test" } }]);
    expect([exported.unreadable, exported.complete]).toEqual([[key], false]);

    const [erased] = await repeat(world, "/privacy/erase", "jane-55@acme.test");
    expect(erased).toMatchObject({
      erased: { archived: 1 },
      unreadable: [key],
      nextCursor: null,
      complete: false,
    });
    const [event] = world.select("SELECT detail FROM events WHERE kind = 'person_erased'");
    expect(JSON.parse(String(event?.["detail"]))).toMatchObject({ unreadable: 1, complete: false });
    expect(world.logged).toContainEqual({
      level: "error",
      event: "archive_unreadable",
      detail: { path: key, error: expect.any(String) },
    });
  });

  it("refuses the erasure of a lead that only it can hold, and of no other", async () => {
    const world = await openArchived();
    const key = damage(world, how);
    const lost = await world.call("DELETE", `/leads/${world.leads[3]?.id}`);
    expect(lost.status).toBe(503);
    expect(lost.json).toMatchObject({ detail: expect.stringContaining(key) });
    expect((await world.call("DELETE", `/leads/${world.leads[33]?.id}`)).status).toBe(204);
  });
});

it("a part that was passed by in an earlier call keeps the last one from saying that all is done", async () => {
  const world = await openArchived(60, { rows: 6, bytes: 1_000_000 });
  const key = damage(world, "missing");
  const answers = await repeat(world, "/privacy/erase", "jane-55@acme.test");
  expect(answers.length).toBeGreaterThan(1);
  expect(answers[0].unreadable).toEqual([key]);
  expect(answers.at(-1)).toMatchObject({ unreadable: [], complete: false });
  expect(answers.reduce((sum, { erased }) => sum + erased.archived, 0)).toBe(1);
});

describe("a person with many archived leads", () => {
  async function openMany() {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 60);
    world.db.sqlite.exec(
      "DROP TRIGGER leads_only_erased; UPDATE leads SET email = 'info@acme.test'",
    );
    world.past.addToday();
    await world.closeDays();
    await world.tend({ rows: 12, bytes: 1_000_000 });
    return { ...world, leads: [], call: apiClient(world.deps) };
  }

  it("is erased part by part, each written once, a few parts a call, with an event for each lead", async () => {
    const world = await openMany();
    const { put } = world.bucket;
    let parts = 0;
    world.bucket.put = async (key, object) => {
      if (key.endsWith(".gz")) parts++;
      await put.call(world.bucket, key, object);
    };
    const answers = await repeat(world, "/privacy/erase", "info@acme.test");
    expect(answers.map(({ erased }) => erased.archived)).toEqual([24, 24, 12]);
    expect(answers.at(-1).complete).toBe(true);
    expect(parts).toBe(5);
    expect(
      world.select("SELECT count(DISTINCT subject_id) AS n FROM events WHERE kind = 'erased'"),
    ).toEqual([{ n: 60 }]);
    expect(world.select("SELECT sum(erased) AS n FROM archives")).toEqual([{ n: 60 }]);
    expect(world.select("SELECT DISTINCT state FROM archives")).toEqual([{ state: "kept" }]);
    const [found] = await repeat(world, "/privacy/export", "info@acme.test");
    expect(found.items).toEqual([]);
  });

  it("stays in a part that could not be written, which a repetition finds", async () => {
    const world = await openMany();
    const { put } = world.bucket;
    world.bucket.put = async () => {
      throw new Error("the bucket is away");
    };
    const body = { email: "info@acme.test", reason: "ticket 4711" };
    expect((await world.call("POST", "/privacy/erase", body)).status).toBe(500);
    world.bucket.put = put;
    const answers = await repeat(world, "/privacy/erase", "info@acme.test");
    expect(answers.reduce((sum, { erased }) => sum + erased.archived, 0)).toBe(60);
  });
});
