import { describe, expect, it } from "vitest";
import { openWorld } from "../roster/roster-world.ts";
import { apiClient, refusedFields } from "./api-client.ts";

const REP = { name: "Bo", timeZone: "Europe/Berlin" };
const JOINED = "2026-11-22T09:30:00.007Z";

async function withBo() {
  const world = openWorld();
  const call = apiClient(world.deps);
  await call("PUT", "/reps/bo", REP);
  return { ...world, call };
}

describe("the pods", () => {
  it("are listed from rules.ts with the rules that send to them and their members", async () => {
    const { call } = await withBo();
    await call("PUT", "/pods/dach/members/bo", { weight: 3, openCap: 40 });
    expect((await call("GET", "/pods")).json).toEqual({
      items: [
        {
          id: "dach",
          settings: { dailyCap: 15, openCap: null },
          rules: [
            {
              name: "DACH",
              kind: "territory",
              definition: { conditions: { countryCode: ["DE", "AT"] } },
            },
          ],
          members: [{ repId: "bo", weight: 3, dailyCap: null, openCap: 40, joinedAt: JOINED }],
        },
        {
          id: "sdr",
          settings: { dailyCap: null, openCap: null },
          rules: [expect.objectContaining({ kind: "fallback" })],
          members: [],
        },
      ],
      nextCursor: null,
    });
  });

  it("show their live ledger one by one", async () => {
    const { call } = await withBo();
    expect((await call("GET", "/pods/sdr")).json).toMatchObject({
      id: "sdr",
      members: [],
      ledger: { version: 3, at: JOINED, next: null, members: [], standing: 0, held: 0 },
    });
    expect((await call("GET", "/pods/emea")).status).toBe(404);
  });

  it("that do not answer are said to be unavailable", async () => {
    const { call, down } = await withBo();
    down.add("sdr");
    const { status, json } = await call("GET", "/pods/sdr");
    expect(status).toBe(503);
    expect(json).toMatchObject({ detail: expect.stringContaining("sdr") });
  });
});

describe("PUT /pods/:pod/members/:rep", () => {
  it("adds with 201 and a weight of 1, changes with 200", async () => {
    const { call } = await withBo();
    const member = {
      podId: "dach",
      repId: "bo",
      weight: 1,
      dailyCap: null,
      openCap: null,
      joinedAt: JOINED,
    };
    expect(await call("PUT", "/pods/dach/members/bo", {})).toMatchObject({
      status: 201,
      json: member,
    });
    expect(await call("PUT", "/pods/dach/members/Bo", { dailyCap: 0 })).toMatchObject({
      status: 200,
      json: { ...member, dailyCap: 0 },
    });
  });

  it("answers 404 for an unknown pod", async () => {
    const { call } = await withBo();
    expect((await call("PUT", "/pods/emea/members/bo", {})).status).toBe(404);
  });

  it("names the rep when there is none or when they are deactivated", async () => {
    const { call } = await withBo();
    const unknown = await call("PUT", "/pods/dach/members/ida", {});
    expect([unknown.status, Object.keys(refusedFields(unknown.json))]).toEqual([422, ["rep"]]);
    await call("DELETE", "/reps/bo");
    const inactive = await call("PUT", "/pods/dach/members/bo", {});
    expect(inactive.status).toBe(422);
    expect(refusedFields(inactive.json)["rep"]).toContain("deactivated");
  });

  it.each<[string, unknown]>([
    ["weight", 0],
    ["weight", 1001],
    ["weight", 1.5],
    ["weight", null],
    ["dailyCap", -1],
    ["openCap", "none"],
    ["cap", 8],
  ])("names %s when it is %j", async (field, value) => {
    const { call } = await withBo();
    const { status, json } = await call("PUT", "/pods/dach/members/bo", { [field]: value });
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, [field]]);
  });

  it("answers 503 while the pod has not confirmed; the same request again completes it", async () => {
    const { call, down, lastHanded } = await withBo();
    down.add("dach");
    expect((await call("PUT", "/pods/dach/members/bo", {})).status).toBe(503);
    down.clear();
    expect((await call("PUT", "/pods/dach/members/bo", {})).status).toBe(200);
    expect(lastHanded("dach")).toEqual(["bo"]);
  });
});

describe("DELETE /pods/:pod/members/:rep", () => {
  it("answers 204 once the pod has the roster without them, then 404", async () => {
    const { call, lastHanded } = await withBo();
    await call("PUT", "/pods/dach/members/bo", {});
    expect((await call("DELETE", "/pods/dach/members/bo")).status).toBe(204);
    expect(lastHanded("dach")).toEqual([]);
    expect((await call("DELETE", "/pods/dach/members/bo")).status).toBe(404);
    expect((await call("DELETE", "/pods/emea/members/bo")).status).toBe(404);
  });
});
