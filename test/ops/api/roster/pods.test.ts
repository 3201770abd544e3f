import { describe, expect, it } from "vitest";
import { pod } from "lead-router";
import { member } from "../../../pod/rosters.ts";
import { NOW, openWorld } from "../../../roster/roster-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";
import { openLivePod } from "../live-pod.ts";

const REP = { name: "Bo", timeZone: "Europe/Berlin" };
const HOUR = 3_600_000;
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
      ledger: {
        version: 3,
        at: JOINED,
        next: null,
        members: [],
        waiting: [],
        standing: 0,
        held: 0,
      },
    });
    expect((await call("GET", "/pods/emea")).status).toBe(404);
  });

  it("say of each member what they have, are owed, may take and, if nothing now, until when", async () => {
    const { call, claim } = openLivePod(
      pod("dach", { dailyCap: 2, openCap: 5 }),
      member("ana", { weight: 2 }),
      member("bo", { dailyCap: 1, timeZone: "Europe/Berlin" }),
      member("cy", { absences: [{ from: 0, until: NOW + HOUR }] }),
      member("di", { active: false }),
    );
    claim(2);
    expect((await call("GET", "/pods/dach")).json).toMatchObject({
      ledger: {
        at: JOINED,
        next: "ana",
        waiting: [],
        members: [
          {
            repId: "ana",
            weight: 2,
            eligibility: "eligible",
            until: null,
            count: 1,
            cap: 2,
            open: 1,
            openCap: 5,
            received: 1,
            expected: 1.333333333,
            owed: 0.333333333,
            balance: 333_333_333,
          },
          {
            repId: "bo",
            eligibility: "at_daily_cap",
            reason: "has 1 of 1 leads today, until 2026-11-23 00:00 Europe/Berlin",
            until: "2026-11-22T23:00:00.000Z",
            owed: -0.333333333,
          },
          { repId: "cy", eligibility: "absent", until: "2026-11-22T10:30:00.007Z", owed: 0 },
          { repId: "di", eligibility: "inactive", until: null },
        ],
      },
    });
  });

  it("show which leads wait in line, since when and at most until when", async () => {
    const { call, claim } = openLivePod(
      pod("dach", { dailyCap: 1, whenNobody: "wait", waitAtMost: { hours: 2 } }),
      member("ana"),
    );
    claim(2);
    expect((await call("GET", "/pods/dach")).json).toMatchObject({
      ledger: {
        next: null,
        waiting: [
          {
            leadId: "lead-1",
            generation: 1,
            place: 1,
            since: JOINED,
            until: "2026-11-22T11:30:00.007Z",
            reason: expect.any(String),
          },
        ],
      },
    });
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
    const joined = {
      podId: "dach",
      repId: "bo",
      weight: 1,
      dailyCap: null,
      openCap: null,
      joinedAt: JOINED,
    };
    expect(await call("PUT", "/pods/dach/members/bo", {})).toMatchObject({
      status: 201,
      json: joined,
    });
    expect(await call("PUT", "/pods/dach/members/Bo", { dailyCap: 0 })).toMatchObject({
      status: 200,
      json: { ...joined, dailyCap: 0 },
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
