import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { WEEKDAYS } from "../../src/ports/roster.ts";

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await exports.default.fetch(`https://router.test/api${path}`, {
    method,
    headers: { Authorization: "Bearer write-token" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return await response.json();
}

it("the real pod keeps the hours that the API was given", async () => {
  const always = Object.fromEntries(WEEKDAYS.map((day) => [day, [["00:00", "24:00"]]]));
  const hours = { bo: always, cy: {}, di: null };
  for (const [id, workingHours] of Object.entries(hours)) {
    await call("PUT", `/reps/${id}`, { name: id, timeZone: "Pacific/Apia", workingHours });
    await call("PUT", `/pods/dach/members/${id}`, {});
  }
  expect(await call("GET", "/pods/dach")).toMatchObject({
    ledger: {
      members: [
        { repId: "bo", eligibility: "eligible", until: null },
        { repId: "cy", eligibility: "off_hours", reason: "has no working hours", until: null },
        { repId: "di", eligibility: "eligible" },
      ],
    },
  });

  await call("PUT", "/reps/cy", { name: "cy", timeZone: "Pacific/Apia", workingHours: always });
  expect(await call("GET", "/pods/dach")).toMatchObject({
    ledger: { members: [{}, { repId: "cy", eligibility: "eligible" }, {}] },
  });
});
