import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tagOf } from "../../../src/ops/api/etag.ts";
import { openWorld } from "../../roster/roster-world.ts";
import { apiClient, refusedFields } from "./api-client.ts";

const BO = { name: "Bo Berg", timeZone: "Europe/Berlin", dailyCap: 20 };
const CASES: [what: string, path: string, one: object, other: object][] = [
  ["a rep", "/reps/cy", BO, { ...BO, workingHours: { mon: [["09:00", "17:00"]] } }],
  ["a member", "/pods/dach/members/bo", { weight: 2 }, { weight: 2, openCap: 3 }],
  [
    "an account",
    "/accounts/acme.com",
    { accountId: "1", name: "Acme", ownerId: "bo" },
    { accountId: "1", name: "Acme", ownerId: "ida" },
  ],
];

async function openApi() {
  const world = openWorld();
  const call = apiClient(world.deps);
  await call("PUT", "/reps/bo", BO);
  return { ...world, call };
}

describe.each(CASES)("%s", (_what, path, one, other) => {
  it("has a strong ETag that stands for its values, in the answer to GET and PUT", async () => {
    const { call } = await openApi();
    const put = async (values: object) => (await call("PUT", path, values)).headers.get("ETag");
    const first = await put(one);
    expect(first).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await call("GET", path)).headers.get("ETag")).toBe(first);
    const second = await put(other);
    expect(second).not.toBe(first);
    expect((await call("GET", path)).headers.get("ETag")).toBe(second);
    expect(await put(one)).toBe(first);
  });

  it("is changed only as it was seen: who comes second gets 412 and changes nothing", async () => {
    const { call, events } = await openApi();
    const tag = (await call("PUT", path, one)).headers.get("ETag") ?? "";
    const seen = { "If-Match": tag };
    expect((await call("PUT", path, other, { "If-Match": `"other", ${tag}` })).status).toBe(200);
    const before = events();
    const third = { ...one, ...NEW[path] };
    expect(await call("PUT", path, third, seen)).toMatchObject({
      status: 412,
      json: { type: "urn:lead-router:problem:precondition_failed" },
    });
    expect((await call("DELETE", path, undefined, seen)).status).toBe(412);
    expect((await call("PUT", path, third, { "If-Match": `W/${tag}` })).status).toBe(412);
    expect(events()).toEqual(before);
    const now = (await call("GET", path)).headers.get("ETag") ?? "";
    expect((await call("DELETE", path, undefined, { "If-Match": now })).status).toBe(204);
    expect((await call("DELETE", path, undefined, { "If-Match": now })).status).toBe(404);
  });

  it("is only created under If-None-Match: *, and only changed under If-Match: *", async () => {
    const { call } = await openApi();
    expect((await call("PUT", path, one, { "If-Match": "*" })).status).toBe(412);
    expect((await call("GET", path)).status).toBe(404);
    expect((await call("PUT", path, one, { "If-None-Match": "*" })).status).toBe(201);
    expect((await call("PUT", path, other, { "If-None-Match": "*" })).status).toBe(412);
    expect((await call("PUT", path, other, { "If-Match": "*" })).status).toBe(200);
  });

  it("may be changed again as before when the answer was lost", async () => {
    const { call, events } = await openApi();
    const created = { "If-None-Match": "*" };
    expect((await call("PUT", path, one, created)).status).toBe(201);
    expect((await call("PUT", path, one, created)).status).toBe(200);
    const seen = { "If-Match": (await call("GET", path)).headers.get("ETag") ?? "" };
    expect((await call("PUT", path, other, seen)).status).toBe(200);
    const before = events().length;
    expect((await call("PUT", path, other, seen)).status).toBe(200);
    expect(events()).toHaveLength(before);
  });

  it("goes to one of two who change it at once, whatever they both saw", async () => {
    const { call, events } = await openApi();
    const tag = (await call("PUT", path, one)).headers.get("ETag") ?? "";
    const before = events().length;
    const edits = [other, { ...one, ...NEW[path] }].map((values) =>
      call("PUT", path, values, { "If-Match": tag }),
    );
    expect((await Promise.all(edits)).map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect(events()).toHaveLength(before + 1);
  });

  it("is created by one of two who create it at once", async () => {
    const { call } = await openApi();
    const creations = [one, other].map((values) =>
      call("PUT", path, values, { "If-None-Match": "*" }),
    );
    const statuses = (await Promise.all(creations)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 412]);
  });

  it("is changed or removed, not both, by two who saw the same at once", async () => {
    const { call, events } = await openApi();
    const tag = (await call("PUT", path, one)).headers.get("ETag") ?? "";
    const before = events().length;
    const [put, removal] = await Promise.all([
      call("PUT", path, other, { "If-Match": tag }),
      call("DELETE", path, undefined, { "If-Match": tag }),
    ]);
    expect([
      [200, 412],
      [412, 204],
    ]).toContainEqual([put.status, removal.status]);
    expect(events()).toHaveLength(before + 1);
  });

  it.each([
    ["If-Match", "abc"],
    ["If-Match", '"abc'],
    ["If-Match", '"abc" "def"'],
    ["If-Match", ""],
    ["If-None-Match", '"abc"'],
  ])("is not changed under %s: %s, which is no condition", async (header, value) => {
    const { call } = await openApi();
    const { status, json } = await call("PUT", path, one, { [header]: value });
    expect([status, Object.keys(refusedFields(json))]).toEqual([400, [header]]);
    expect((await call("GET", path)).status).toBe(404);
  });
});

/** Values of nobody else in these tests. */
const NEW: Readonly<Record<string, object>> = {
  "/reps/cy": { name: "Cy" },
  "/pods/dach/members/bo": { weight: 7 },
  "/accounts/acme.com": { name: "Acme Ltd" },
};

describe("many editors who each add a word to a name", () => {
  it("lose none that was granted, however their calls interleave", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (order, editors) => {
        const world = openWorld();
        const call = apiClient(world.deps);
        await call("PUT", "/reps/bo", { ...BO, name: "Bo" });
        // Every call to D1 takes effect when the scheduler says so.
        const slow = apiClient({
          ...world.deps,
          db: world.db.through((act) => order.schedule(Promise.resolve()).then(act)),
        });
        const addWord = async (word: number) => {
          const { headers, json } = await slow("GET", "/reps/bo");
          const name = `${(json as typeof BO).name} ${word}`;
          const seen = { "If-Match": headers.get("ETag") ?? "" };
          const { status } = await slow("PUT", "/reps/bo", { ...BO, name }, seen);
          return status === 200 ? [String(word)] : [];
        };
        const edits = Promise.all(Array.from({ length: editors }, (_, word) => addWord(word)));
        await order.waitFor(edits);
        const { name } = (await call("GET", "/reps/bo")).json as typeof BO;
        expect(name.split(" ").slice(1).toSorted()).toEqual((await edits).flat());
        expect(name).not.toBe("Bo");
      }),
      { numRuns: 100 },
    );
  });
});

describe("the ETag", () => {
  it("is the same for the same values in another order, and another for others", () => {
    expect(tagOf({ a: 1, b: { c: null, d: [1] } })).toBe(tagOf({ b: { d: [1], c: null }, a: 1 }));
    expect(tagOf({ a: 1 })).not.toBe(tagOf({ a: "1" }));
  });
});
