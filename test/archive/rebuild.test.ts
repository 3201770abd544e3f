import { pod } from "lead-router";
import { expect, it } from "vitest";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { PodCore } from "../../src/pod/pod.ts";
import { rebuild } from "../../src/pod/rebuild.ts";
import { MemoryPodStorage } from "../pod/memory-storage.ts";
import { DAY, LONG_AGO, NOW, openArchive, type ArchiveWorld } from "./past.ts";

/** A pod that counts everything anew, as after a restore. */
async function recount({ db }: ArchiveWorld) {
  const core = new PodCore(
    pod("dach"),
    new MemoryPodStorage(),
    () => NOW,
    async () => ({ claims: new Map(), over: [] }),
    null,
  );
  await rebuild(core, db, "dach", 1, NOW);
  return core.snapshot();
}

it("a pod that counts anew counts what is archived, and holds no slot open for it", async () => {
  const world = openArchive();
  world.past.addDay(LONG_AGO, 100);
  world.past.addDay(NOW - 10 * DAY, 100);
  world.past.addToday();
  await world.closeDays();
  world.db.sqlite.exec("INSERT INTO reps (id, name, time_zone) VALUES ('ana', 'Ana', 'UTC')");
  world.db.sqlite.exec("INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'ana', 0)");
  const open = async () => {
    const { standing, members } = await recount(world);
    return { standing, open: members.map((member) => member.open) };
  };
  expect(await open()).toEqual({ standing: 180, open: [180] });
  // The leads are gone and their decisions are not; then those are gone as well.
  await archiveOld(world.deps, { rows: 100, bytes: 1_000_000 }, 1);
  expect([world.count("leads"), world.count("decisions")]).toEqual([100, 200]);
  expect(await open()).toEqual({ standing: 180, open: [90] });
  await world.tend();
  expect(world.count("decisions")).toBe(100);
  expect(await open()).toEqual({ standing: 180, open: [90] });
});
