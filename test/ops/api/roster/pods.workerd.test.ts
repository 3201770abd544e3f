import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import chain from "../../../../rules.ts";

async function call(method: string, path: string, body?: unknown) {
  const response = await exports.default.fetch(`https://router.test/api${path}`, {
    method,
    headers: { Authorization: "Bearer write-token" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.text();
  return { status: response.status, json: answer === "" ? null : JSON.parse(answer) };
}

it("the real pod holds each change of its roster before the caller is answered", async () => {
  const holds = async () => (await call("GET", "/pods/dach")).json.ledger;
  expect(
    (await call("PUT", "/reps/bo", { name: "Bo", timeZone: "Europe/Berlin", dailyCap: 9 })).status,
  ).toBe(201);
  expect((await call("PUT", "/pods/dach/members/bo", { weight: 2 })).status).toBe(201);
  expect(await holds()).toMatchObject({
    version: 1,
    next: "bo",
    members: [{ repId: "bo", weight: 2, cap: 15 }],
  });

  const away = { from: "2000-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z", note: "long" };
  expect((await call("PUT", "/reps/bo/absences/long", away)).status).toBe(201);
  expect(await holds()).toMatchObject({
    version: 2,
    next: null,
    members: [{ eligibility: "absent" }],
  });

  expect((await call("PUT", "/reps/bo/absences/long", away)).status).toBe(200);
  expect((await holds()).version).toBe(2);

  expect((await call("DELETE", "/reps/bo/absences/long")).status).toBe(204);
  expect((await call("DELETE", "/reps/bo")).status).toBe(204);
  expect(await holds()).toMatchObject({ version: 4, next: null, members: [] });
});

it("fairness is told of every pod of rules.ts, of a new one with nobody in it too", async () => {
  const { status, json } = await call("GET", "/metrics/fairness");
  expect(status).toBe(200);
  const empty = { members: [], largestDeviation: 0, bound: 2, withinBound: true };
  expect(json.pods).toEqual(
    chain.pods.map(({ id }) => ({ podId: id, at: expect.stringMatching(/Z$/), ...empty })),
  );
});
