import { exports } from "cloudflare:workers";
import { expect, it, onTestFinished, vi } from "vitest";
import { traceOf } from "../../src/lib/log.ts";
import { callApi, postLead, putReps, waitForStory } from "../pipeline/client.ts";
import { recordSlack } from "../pipeline/slack.ts";
import { findCanaries, PERSON, REP } from "./canaries.ts";

// The router as it runs, on the real D1, queues and Durable Objects: what it writes to the log, its pods included.

/** Every line that this test's isolate writes. Pods share it. */
function readLog(): string[] {
  const lines: string[] = [];
  for (const level of ["debug", "log", "info", "warn", "error"] as const) {
    const spy = vi.spyOn(console, level);
    spy.mockImplementation((...texts) => void lines.push(texts.map(String).join(" ")));
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}

it("the log names no person and no secret, and a lead's trace shows its way through queues and pod", async () => {
  const lines = readLog();
  const posts = recordSlack();
  await putReps("dach", { bo: {} });
  await callApi("PUT", "/reps/bo", { name: REP.name, email: REP.email, timeZone: "UTC" });
  const id = await postLead({ ...PERSON, country: "Germany" });
  await exports.default.fetch("https://router.test/leads", {
    method: "POST",
    body: PERSON.message,
  });
  expect((await callApi("GET", "/leads", undefined, "canary-stale-token")).status).toBe(401);
  await waitForStory(id);

  expect(JSON.stringify(posts)).toContain(PERSON.name);
  expect(lines.filter((line) => findCanaries(line).length > 0)).toEqual([]);
  const way = lines
    .filter((line) => line.includes(traceOf(id)))
    .map((line) => JSON.parse(line).event);
  expect(way).toEqual(["lead_received", "routed", "notified"]);
});
