import { expect, it } from "vitest";
import { runCron } from "../src/cron.ts";
import { RouterError } from "../src/lib/failure.ts";
import { fakeDeps } from "./intake/api/fakes.ts";
import { openD1 } from "./record/sqlite-d1.ts";

const failing = (message: string) => async () => {
  throw new RouterError(message);
};

it("runs every job though others fail, logs each failure, and rejects with all of them", async () => {
  const ran: string[] = [];
  const { deps, logged } = fakeDeps(openD1());
  const jobs = [
    { name: "first", run: failing("first broke") },
    { name: "second", run: async () => void ran.push("second") },
    { name: "third", run: failing("third broke") },
    { name: "fourth", run: async () => void ran.push("fourth") },
  ];
  const error: unknown = await runCron(deps, jobs).catch((thrown: unknown) => thrown);
  expect(ran).toEqual(["second", "fourth"]);
  expect(error).toMatchObject({
    message: "cron jobs failed: first, third",
    errors: [new RouterError("first broke"), new RouterError("third broke")],
  });
  expect(logged).toMatchObject([
    { level: "error", event: "cron_job_failed", detail: { job: "first", error: "first broke" } },
    { level: "error", event: "cron_job_failed", detail: { job: "third", error: "third broke" } },
  ]);
});

it("logs nothing and resolves when every job ran", async () => {
  const { deps, logged } = fakeDeps(openD1());
  await runCron(deps, [{ name: "only", run: async () => {} }]);
  expect(logged).toEqual([]);
});
