import { expect, it } from "vitest";
import { expireQuarantine } from "../../../src/intake/quarantine.ts";
import { NOW } from "../api/fakes.ts";
import { DAY, Ward } from "./ward.ts";

it("what was not released is kept for 30 days, and then dropped", async () => {
  const ward = new Ward();
  await ward.take();
  ward.now += DAY;
  const younger = await ward.take();
  ward.now = NOW + 30 * DAY;
  await expireQuarantine(ward.deps);
  expect(ward.ids("quarantine")).toHaveLength(2);
  ward.now += 1;
  await expireQuarantine(ward.deps);
  expect(ward.ids("quarantine")).toEqual([younger]);
  expect(ward.fake.logged).toEqual([
    { level: "info", event: "quarantine_expired", detail: { rows: 1 } },
  ]);
});

it("a flood is dropped the oldest first and a bounded number a run, and others' work goes on when D1 fails", async () => {
  const ward = new Ward();
  ward.db.sqlite.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
    INSERT INTO quarantine (id, received_at, door, reason, draft)
    SELECT printf('00000000-0000-7000-8000-%012d', i), 0, 'form:contact', 'honeypot:_gotcha', '{}' FROM n`);
  const away = ward.db.through(() => Promise.reject(new Error("Network connection lost")));
  await expireQuarantine({ ...ward.deps, db: away });
  const left: number[] = [];
  for (let run = 0; run < 4; run++) {
    await expireQuarantine(ward.deps);
    left.push(ward.ids("quarantine").length);
  }
  expect(left).toEqual([1500, 500, 0, 0]);
});
