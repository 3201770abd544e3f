import { expect, it } from "vitest";
import { openWorld } from "../../../roster/roster-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";

const REP = { name: "Bo", timeZone: "Europe/Berlin" };
const WHOLE = "should be a whole number from 1 to 1000";
const CAP = "should be a whole number, 0 or more, or null";

/** What cannot be used, the field that is named and the rule that it breaks. */
const REFUSED: [path: string, body: unknown, field: string, rule: string][] = [
  ["/pods/dach/members/ida", {}, "rep", `"ida" does not exist`],
  ["/pods/dach/members/bo", { weight: 0 }, "weight", WHOLE],
  ["/pods/dach/members/bo", { weight: -2 }, "weight", WHOLE],
  ["/pods/dach/members/bo", { weight: 1.5 }, "weight", WHOLE],
  ["/pods/dach/members/bo", { weight: 1e9 }, "weight", WHOLE],
  ["/pods/dach/members/bo", { dailyCap: 2.5 }, "dailyCap", CAP],
  ["/pods/dach/members/bo", { dailyCap: "8" }, "dailyCap", CAP],
  ["/pods/dach/members/bo", { openCap: -1 }, "openCap", CAP],
  ["/reps/bo", { ...REP, dailyCap: 0.5 }, "dailyCap", CAP],
  ["/reps/bo", { ...REP, timeZone: "Europe/Atlantis" }, "timeZone", "time zone"],
  [
    "/reps/bo",
    {
      ...REP,
      workingHours: {
        fri: [
          ["22:00", "06:00"],
          ["23:00", "23:30"],
        ],
      },
    },
    "workingHours.fri",
    "overlap",
  ],
  [
    "/reps/bo/absences/trip",
    { from: "2026-12-08T00:00:00Z", until: "2026-12-01T00:00:00Z" },
    "until",
    "should be after from",
  ],
];

it.each(REFUSED)("PUT %s %j is refused by name and changes nothing", async (...row) => {
  const [path, body, field, rule] = row;
  const { deps, db, accepted, events } = openWorld();
  const call = apiClient(deps);
  await call("PUT", "/reps/bo", REP);
  await call("PUT", "/pods/dach/members/bo", { weight: 7 });
  const tables = () =>
    ["reps", "members", "absences", "pod_versions"].map((table) =>
      db.sqlite.prepare(`SELECT * FROM ${table}`).all(),
    );
  const before = structuredClone([tables(), events(), accepted]);

  const { status, json } = await call("PUT", path, body);
  expect(status).toBe(422);
  expect(Object.keys(refusedFields(json))).toEqual([field]);
  expect(refusedFields(json)[field]).toContain(rule);
  expect([tables(), events(), accepted]).toEqual(before);
});

it.each([
  ["PUT", "/pods/emea/members/bo"],
  ["DELETE", "/pods/dach/members/ida"],
  ["GET", "/pods/emea"],
  ["GET", "/metrics/fairness?pod=emea"],
])("%s %s is not found", async (method, path) => {
  const { status, json } = await apiClient(openWorld().deps)(
    method,
    path,
    method === "PUT" ? {} : undefined,
  );
  expect(status).toBe(404);
  expect(json).toMatchObject({ detail: expect.stringMatching(/emea|ida/) });
});
