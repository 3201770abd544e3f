import { describe, expect, it } from "vitest";
import { openWorld } from "../../../roster/roster-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";

const BO = {
  name: "Bo Berg",
  email: "bo@acme.test",
  slackUserId: "U012AB3CD",
  timeZone: "Europe/Berlin",
  workingHours: {
    fri: [["22:00", "06:00"]],
    mon: [
      ["09:00", "12:00"],
      ["13:00", "24:00"],
    ],
  },
  dailyCap: 20,
};

describe("PUT /reps/:id", () => {
  it("creates with 201, replaces with 200, and what is left out becomes null", async () => {
    const call = apiClient(openWorld().deps);
    expect(await call("PUT", "/reps/bo", BO)).toMatchObject({
      status: 201,
      json: { id: "bo", ...BO, active: true },
    });
    const bare = { name: "Bo", timeZone: "UTC" };
    const nothing = { email: null, slackUserId: null, workingHours: null, dailyCap: null };
    expect(await call("PUT", "/reps/bo", bare)).toMatchObject({
      status: 200,
      json: { ...bare, ...nothing },
    });
    expect(await call("GET", "/reps/bo")).toMatchObject({
      status: 200,
      json: { id: "bo", ...bare, ...nothing },
    });
  });

  it("takes an id in any case for the same rep", async () => {
    const call = apiClient(openWorld().deps);
    await call("PUT", "/reps/Bo.Berg", BO);
    expect(await call("GET", "/reps/bo.berg")).toMatchObject({
      status: 200,
      json: { id: "bo.berg" },
    });
  });

  it.each<[string, unknown]>([
    ["name", undefined],
    ["name", "  "],
    ["name", 7],
    ["name", "x".repeat(201)],
    ["name", "a\0b"],
    ["name", "\ud800"],
    ["email", "bo"],
    ["email", "bo@"],
    ["email", 7],
    ["slackUserId", "bo"],
    ["slackUserId", "u012ab3cd"],
    ["timeZone", undefined],
    ["timeZone", "Berlin"],
    ["timeZone", "+02:00"],
    ["timeZone", ""],
    ["dailyCap", -1],
    ["dailyCap", 1.5],
    ["dailyCap", "8"],
    ["workingHours", "always"],
    ["workingHours.monday", { monday: [] }],
    ["workingHours.mon", { mon: "09:00-17:00" }],
    ["workingHours.mon[0]", { mon: [["09:00"]] }],
    ["workingHours.mon[0][1]", { mon: [["09:00", "25:00"]] }],
    ["workingHours.mon[0][0]", { mon: [["9:00", "17:00"]] }],
    ["workingHours.mon[0][0]", { mon: [["24:00", "17:00"]] }],
    ["workingHours.tue[0]", { tue: [["09:00", "09:00"]] }],
    [
      "workingHours.wed",
      {
        wed: [
          ["09:00", "17:00"],
          ["16:00", "18:00"],
        ],
      },
    ],
    ["capacity", 3],
  ])("names %s when it is %j", async (field, value) => {
    const { deps, events } = openWorld();
    const key = field.split(/[.[]/)[0] ?? "";
    const { status, json } = await apiClient(deps)("PUT", "/reps/bo", { ...BO, [key]: value });
    expect(status).toBe(422);
    expect(Object.keys(refusedFields(json))).toEqual([field]);
    expect(Object.values(refusedFields(json))[0]).toMatch(
      value === undefined ? /^is required$/ : /^(should be|is not known)/,
    );
    expect(events()).toEqual([]);
  });

  it("refuses an id that is none", async () => {
    const call = apiClient(openWorld().deps);
    for (const id of ["-bo", "bo%20berg", "bo@acme.test", "x".repeat(64)]) {
      const { status, json } = await call("PUT", `/reps/${id}`, BO);
      expect([id, status, Object.keys(refusedFields(json))]).toEqual([id, 422, ["id"]]);
    }
  });

  it.each<[string, number]>([
    ["{", 400],
    ["[]", 400],
    ["null", 400],
    ["", 400],
    [`{"name":"${"x".repeat(1_000_000)}"}`, 413],
  ])("answers a body of %.12s… with %i", async (body, expected) => {
    const { status, json } = await apiClient(openWorld().deps)("PUT", "/reps/bo", body);
    expect(status).toBe(expected);
    expect(json).toMatchObject({ status: expected, detail: expect.stringContaining("body") });
  });
});

describe("the list of reps", () => {
  it("comes page by page, deactivated reps included", async () => {
    const call = apiClient(openWorld().deps);
    for (const id of ["cy", "al", "bo"]) await call("PUT", `/reps/${id}`, BO);
    await call("DELETE", "/reps/al");
    const first = await call("GET", "/reps?limit=2");
    expect(first.json).toMatchObject({
      items: [{ id: "al", active: false }, { id: "bo" }],
      nextCursor: expect.any(String),
    });
    const { nextCursor } = first.json as { nextCursor: string };
    expect((await call("GET", `/reps?limit=2&cursor=${nextCursor}`)).json).toMatchObject({
      items: [{ id: "cy" }],
      nextCursor: null,
    });
    expect((await call("GET", "/reps?limit=3")).json).toMatchObject({ nextCursor: null });
  });

  it.each(["limit=0", "limit=201", "limit=x", "cursor=bo", "page=2"])(
    "refuses ?%s by name",
    async (search) => {
      const { status, json } = await apiClient(openWorld().deps)("GET", `/reps?${search}`);
      expect(status).toBe(400);
      expect(Object.keys(refusedFields(json))).toEqual([search.split("=")[0]]);
    },
  );
});

describe("DELETE /reps/:id", () => {
  it("answers 204, then 404; the rep is still there to be read, and a PUT brings them back", async () => {
    const call = apiClient(openWorld().deps);
    await call("PUT", "/reps/bo", BO);
    expect(await call("DELETE", "/reps/bo")).toMatchObject({ status: 204, json: null });
    expect((await call("DELETE", "/reps/bo")).status).toBe(404);
    expect(await call("GET", "/reps/bo")).toMatchObject({ status: 200, json: { active: false } });
    expect(await call("PUT", "/reps/bo", BO)).toMatchObject({
      status: 200,
      json: { active: true },
    });
    expect((await call("DELETE", "/reps/ida")).status).toBe(404);
    expect((await call("GET", "/reps/ida")).status).toBe(404);
  });

  it("answers 503 naming the pod that has not confirmed, and completes when asked again", async () => {
    const { deps, down, lastHanded } = openWorld();
    const call = apiClient(deps);
    await call("PUT", "/reps/bo", BO);
    await call("PUT", "/pods/dach/members/bo", {});
    down.add("dach");
    const { status, headers, json } = await call("DELETE", "/reps/bo");
    expect([status, headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(json).toMatchObject({
      detail: expect.stringMatching(/saved, but the pod dach has not confirmed/),
    });
    expect((await call("DELETE", "/reps/bo")).status).toBe(503);
    down.clear();
    expect((await call("DELETE", "/reps/bo")).status).toBe(404);
    expect(lastHanded("dach")).toEqual([]);
  });
});

describe("absences", () => {
  const SUMMER = { from: "2026-12-01T09:00:00+01:00", until: "2026-12-08T00:00Z", note: "Sailing" };

  async function withBo() {
    const world = openWorld();
    const call = apiClient(world.deps);
    await call("PUT", "/reps/bo", BO);
    return { ...world, call };
  }

  it("are put, read, listed and removed", async () => {
    const { call } = await withBo();
    const summer = {
      id: "summer",
      repId: "bo",
      from: "2026-12-01T08:00:00.000Z",
      until: "2026-12-08T00:00:00.000Z",
      note: "Sailing",
    };
    expect((await call("GET", "/reps/bo/absences")).json).toEqual({ items: [], nextCursor: null });
    expect(await call("PUT", "/reps/bo/absences/summer", SUMMER)).toMatchObject({
      status: 201,
      json: summer,
    });
    expect(await call("PUT", "/reps/bo/absences/summer", SUMMER)).toMatchObject({
      status: 200,
      json: summer,
    });
    expect(await call("GET", "/reps/bo/absences/Summer")).toMatchObject({
      status: 200,
      json: summer,
    });
    expect((await call("GET", "/reps/bo/absences")).json).toEqual({
      items: [summer],
      nextCursor: null,
    });
    expect((await call("DELETE", "/reps/bo/absences/summer")).status).toBe(204);
    expect((await call("DELETE", "/reps/bo/absences/summer")).status).toBe(404);
    expect((await call("GET", "/reps/bo/absences/summer")).status).toBe(404);
  });

  it("need a rep", async () => {
    const { call } = await withBo();
    expect((await call("PUT", "/reps/ida/absences/summer", SUMMER)).status).toBe(404);
    expect((await call("GET", "/reps/ida/absences")).status).toBe(404);
  });

  it.each<[string, unknown]>([
    ["from", undefined],
    ["from", "2026-12-01"],
    ["from", "2026-12-01T09:00:00"],
    ["from", "2026-02-30T09:00:00Z"],
    ["from", 1_780_000_000_000],
    ["from", "1969-12-31T23:59:59Z"],
    ["until", "soon"],
    ["until", SUMMER.from],
    ["note", ""],
    ["note", "x".repeat(501)],
    ["reason", "ill"],
  ])("name %s when it is %j", async (field, value) => {
    const { call } = await withBo();
    const { status, json } = await call("PUT", "/reps/bo/absences/summer", {
      ...SUMMER,
      [field]: value,
    });
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, [field]]);
  });
});
