import { expect, it } from "vitest";
import { eraseArchived } from "../../src/archive/erase.ts";
import { apiClient } from "../ops/api/api-client.ts";
import { DAY, LONG_AGO, openArchive } from "./past.ts";

async function openArchived() {
  const world = openArchive();
  const leads = world.past.addDay(LONG_AGO, 30);
  world.past.addDay(LONG_AGO + DAY, 30);
  world.past.addToday();
  await world.closeDays();
  await world.tend({ rows: 20, bytes: 1_000_000 });
  return { ...world, leads, call: apiClient(world.deps) };
}

interface Listed {
  readonly items: readonly { readonly key: string; readonly first: unknown }[];
  readonly nextCursor: string | null;
}

it("GET /archives lists every part, page by page", async () => {
  const { call, bucket } = await openArchived();
  const keys: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { status, json } = await call("GET", `/archives?limit=3${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    const { items, nextCursor } = json as Listed;
    keys.push(...items.map(({ key }) => key));
    cursor = nextCursor;
  }
  expect(keys).toEqual(bucket.parts());
  expect((await call("GET", "/archives?cursor=nonsense")).status).toBe(400);
});

it("GET /archives/{kind}/{day}/{name} hands out parts and manifests as they are stored, and nothing else", async () => {
  const { call, bucket } = await openArchived();
  const [key = ""] = bucket.parts("leads");
  const part = await call("GET", `/archives/${key}`);
  expect([part.status, part.headers.get("content-type")]).toEqual([200, "application/gzip"]);
  expect(part.headers.get("content-length")).toBe(String(bucket.objects.get(key)?.length));
  const manifest = await call("GET", "/archives/leads/2026-08-14/manifest.json");
  expect([manifest.status, manifest.json]).toEqual([
    200,
    expect.objectContaining({ day: "2026-08-14" }),
  ]);

  bucket.objects.set("leads/2026-08-14/0009-another.ndjson.gz", new Uint8Array(1));
  for (const name of [
    "leads/2026-08-14/0009-another.ndjson.gz",
    "leads/2026-08-14/nothing",
    "audit/2020-01-01/manifest.json",
  ])
    expect((await call("GET", `/archives/${name}`)).status).toBe(404);
  for (const name of ["reps/2026-08-14/x", "leads/14.8.2026/x", `leads/2026-08-14/..%2F..%2Fx`])
    expect([404, 422]).toContain((await call("GET", `/archives/${name}`)).status);
});

it("a lead that is archived is no longer found, and the answer says where to look", async () => {
  const { call, leads, bucket } = await openArchived();
  const { status, json } = await call("GET", `/leads/${leads[3]?.id}`);
  expect(status).toBe(404);
  expect(json).toMatchObject({ detail: expect.stringContaining(bucket.parts("leads")[0] ?? "-") });
});

it("an archived person is erased: the part is another, the old one is gone, and the audit says who did it", async () => {
  const { deps, leads, bucket, call, select } = await openArchived();
  const [, , jane] = leads;
  if (jane === undefined) throw new Error("there is a third lead");
  const before = bucket.parts();
  expect(await eraseArchived(deps, jane.id, "ana")).toEqual({ outcome: "erased", leadId: jane.id });
  const after = bucket.parts();
  expect(after).toHaveLength(before.length);
  expect(before.filter((key) => !after.includes(key))).toHaveLength(1);
  expect(select("SELECT subject_id, actor, kind FROM events WHERE kind = 'erased'")).toEqual([
    { subject_id: jane.id, actor: "ana", kind: "erased" },
  ]);
  const { json } = await call("GET", "/archives/leads/2026-08-14/manifest.json");
  const [first] = (json as { parts: readonly unknown[] }).parts;
  expect(first).toMatchObject({
    part: 1,
    rows: 20,
    erased: 1,
    key: after.find((key) => key.startsWith("leads")),
  });

  expect(await eraseArchived(deps, jane.id, "ana")).toEqual({ outcome: "erased", leadId: jane.id });
  expect(bucket.parts()).toEqual(after);
  expect(select("SELECT count(*) AS n FROM events WHERE kind = 'erased'")).toEqual([{ n: 1 }]);
  expect(await eraseArchived(deps, deps.newId(), "ana")).toEqual({ outcome: "not_found" });
});

it("two people of one part are both erased when both are asked for at once", async () => {
  const { deps, leads, db, bucket } = await openArchived();
  const ids = leads.slice(0, 2).map(({ id }) => id);
  const outcomes = await Promise.all(ids.map((id) => eraseArchived(deps, id, "ana")));
  expect(outcomes).toEqual(ids.map((leadId) => ({ outcome: "erased", leadId })));
  expect(db.sqlite.prepare("SELECT sum(erased) AS n FROM archives").get()).toEqual({ n: 2 });
  expect(bucket.parts()).toHaveLength(db.sqlite.prepare("SELECT 1 FROM archives").all().length);
});
