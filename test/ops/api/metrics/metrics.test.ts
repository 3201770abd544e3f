import { describe, expect, it } from "vitest";
import { member } from "../../../pod/rosters.ts";
import { dach, NOW } from "../../../roster/roster-world.ts";
import { refusedFields } from "../api-client.ts";
import { openLivePod } from "../live-pod.ts";

const AT = new Date(NOW).toISOString();

const EMPTY_SDR = {
  podId: "sdr",
  at: AT,
  members: [],
  largestDeviation: 0,
  bound: 2,
  withinBound: true,
};

describe("GET /metrics/fairness", () => {
  it("says of each pod what its members got, should have got and are owed, in leads", async () => {
    const { call, claim } = openLivePod(dach, member("ana"), member("bo", { weight: 2 }));
    claim(2);
    const { status, json } = await call("GET", "/metrics/fairness");
    expect(status).toBe(200);
    expect(json).toEqual({
      pods: [
        {
          podId: "dach",
          at: AT,
          members: [
            { repId: "ana", weight: 1, received: 1, expected: 0.666666667, owed: -0.333333333 },
            { repId: "bo", weight: 2, received: 1, expected: 1.333333333, owed: 0.333333333 },
          ],
          largestDeviation: 0.333333333,
          bound: 2,
          withinBound: true,
        },
        EMPTY_SDR,
      ],
    });
  });

  it("takes one pod by name", async () => {
    const { call } = openLivePod(dach, member("ana"));
    expect((await call("GET", "/metrics/fairness?pod=sdr")).json).toEqual({ pods: [EMPTY_SDR] });
  });

  it("says so when somebody is further from their share than the bound", async () => {
    const { call, claim, core } = openLivePod(dach, member("ana"), member("bo"));
    claim(8);
    core.giveBack([1, 3, 5, 7]); // all of ana's: the leads went elsewhere, the turns are hers
    expect((await call("GET", "/metrics/fairness?pod=dach")).json).toMatchObject({
      pods: [
        {
          members: [
            { repId: "ana", received: 0, expected: 2, owed: 2 },
            { repId: "bo", received: 4, expected: 2, owed: -2 },
          ],
          largestDeviation: 2,
          withinBound: false,
        },
      ],
    });
  });

  it("names a pod that does not answer and shows the others", async () => {
    const { call, down, logged } = openLivePod(dach, member("ana"));
    down.add("sdr");
    const { status, json } = await call("GET", "/metrics/fairness");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      pods: [
        { podId: "dach", withinBound: true },
        { podId: "sdr", error: "unreachable" },
      ],
    });
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      { level: "warn", event: "pod_not_asked", pod: "sdr", failure: "retryable" },
    ]);
  });

  it("answers 404 for a pod that is not in rules.ts", async () => {
    const { status, json } = await openLivePod(dach).call("GET", "/metrics/fairness?pod=emea");
    expect(status).toBe(404);
    expect(json).toMatchObject({ detail: "There is no pod emea in rules.ts." });
  });

  it.each(["pods=dach", "pod=", "pod=dach&pod=sdr"])("refuses ?%s by name", async (search) => {
    const { status, json } = await openLivePod(dach).call("GET", `/metrics/fairness?${search}`);
    expect(status).toBe(400);
    expect(Object.keys(refusedFields(json))).toEqual([search.split("=")[0]]);
  });
});
