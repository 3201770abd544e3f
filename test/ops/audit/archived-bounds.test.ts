import { expect, it } from "vitest";
import { lastNoBefore } from "../../../src/record/digests.ts";
import { CLOCK_SLACK_MS, firstCommitFrom, lastCommitBefore } from "../../../src/record/timeline.ts";
import { query, rows, sql } from "../../../src/lib/query.ts";
import { LONG_AGO, NOW, openArchive, type ArchiveWorld } from "../../archive/past.ts";

const DAY = 24 * 60 * 60_000;

/** 400 commits long ago, of which the archive took all, and 100 ten days ago. */
async function openMostlyArchived() {
  const world = openArchive();
  world.past.addDay(LONG_AGO, 2_000);
  world.past.addDay(NOW - 10 * DAY, 500);
  world.past.addToday();
  await world.closeDays();
  await world.tend();
  expect(world.select("SELECT min(no) AS low, max(no) AS high FROM commits")).toEqual([
    { low: 401, high: 501 },
  ]);
  return world;
}

async function numberOf(world: ArchiveWorld, expression: ReturnType<typeof firstCommitFrom>) {
  const [found] = await rows(world.db, query<{ no: number }>(sql`SELECT ${expression} AS no`));
  return found?.no ?? Number.NaN;
}

it("an instant narrows the search down though most commits are in the archive", async () => {
  const world = await openMostlyArchived();
  const [middle] = world.select("SELECT at FROM commits WHERE no = 451");
  const at = Number(middle?.["at"]);
  const within = (no: number) =>
    world.count(`commits WHERE abs(at - ${at}) <= ${CLOCK_SLACK_MS} AND no <> ${no}`);

  const from = await numberOf(world, firstCommitFrom({ from: at, to: null }));
  expect(from).toBeLessThanOrEqual(451);
  expect(from).toBeGreaterThan(451 - within(451) - 2);
  const to = await numberOf(world, lastCommitBefore({ from: null, to: at }, null));
  expect(to).toBeGreaterThanOrEqual(450);
  expect(to).toBeLessThan(451 + within(451) + 2);
  expect(await rows(world.db, lastNoBefore(at, 400))).toEqual([{ no: 450 }]);
});

it("instants outside all that is left stay outside", async () => {
  const world = await openMostlyArchived();
  expect(await numberOf(world, firstCommitFrom({ from: LONG_AGO, to: null }))).toBe(401);
  expect(await numberOf(world, lastCommitBefore({ from: null, to: LONG_AGO }, null))).toBe(400);
  expect(await numberOf(world, firstCommitFrom({ from: NOW + DAY, to: null }))).toBe(502);
  const empty = openArchive();
  expect(await numberOf(empty, firstCommitFrom({ from: NOW, to: null }))).toBe(1);
  expect(await numberOf(empty, lastCommitBefore({ from: null, to: NOW }, null))).toBe(0);
});
