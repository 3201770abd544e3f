import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";

async function readReps(token: string, address: string): Promise<number> {
  const { status, body } = await exports.default.fetch("https://router.test/api/reps", {
    headers: { Authorization: `Bearer ${token}`, "CF-Connecting-IP": address },
  });
  await body?.cancel();
  return status;
}

it("the platform's own limiter ends an address's refusals after 20, and lets its tokens in", async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 42; n++) statuses.push(await readReps("wrong", "203.0.113.7"));
  expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
  // Over twice the limit, because a minute that ends in between starts the count anew.
  expect(statuses.slice(20)).toContain(429);
  expect(await readReps("read-token", "203.0.113.7")).toBe(200);
  expect(await readReps("wrong", "203.0.113.8")).toBe(401);
});
