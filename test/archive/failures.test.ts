import fc from "fast-check";
import { expect, it } from "vitest";
import { eraseArchived } from "../../src/archive/erase.ts";
import { parseLeadLine } from "../../src/archive/lead-line.ts";
import { listParts } from "../../src/record/archives.ts";
import { readPart } from "../../src/archive/parts.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import type { ArchiveBucket } from "../../src/ports/bucket.ts";
import { auditLines } from "../../src/record/digest-lines.ts";
import { rows } from "../../src/lib/query.ts";
import { DAY, HOUR, LONG_AGO, openArchive, type ArchiveWorld } from "./past.ts";

const LEADS = 24;
const LIMITS = { rows: 8, bytes: 1_000_000 };

/** What goes wrong at a call of D1, of the bucket or of a pod. */
interface Fault {
  /** Which call of the run, from 1 on. */
  readonly call: number;
  /** Whether it took effect nevertheless. */
  readonly landed: boolean;
  /** Whether the process dies there: no later call is made. */
  readonly dies: boolean;
}

const fault: fc.Arbitrary<Fault> = fc.record({
  call: fc.integer({ min: 1, max: 45 }),
  landed: fc.boolean(),
  dies: fc.boolean(),
});

/** The world as a process sees it that runs into these faults. */
function faulty(world: ArchiveWorld, faults: readonly Fault[]) {
  let calls = 0;
  let dead = false;
  const network = async <Result>(call: () => Result): Promise<Awaited<Result>> => {
    calls++;
    const hit = faults.find((one) => one.call === calls);
    if (dead) throw new Error("Network connection lost");
    if (hit === undefined) return await call();
    if (hit.landed) await call();
    dead = hit.dies;
    throw new Error("Network connection lost");
  };
  const { bucket } = world;
  const archive: ArchiveBucket = {
    put: (key, object) => network(() => bucket.put(key, object)),
    get: (key) => network(() => bucket.get(key)),
    delete: (keys) => network(() => bucket.delete(keys)),
    list: (after, limit) => network(() => bucket.list(after, limit)),
  };
  const deps = { ...world.deps, archive, db: world.db.through(network) };
  return { deps, calls: () => calls };
}

/** Every lead's id that is in the database or in a kept part, as often as it is. */
async function wherever(world: ArchiveWorld): Promise<string[]> {
  const ids = world.select("SELECT id FROM leads").map(({ id }) => String(id));
  for (const part of await rows(world.db, listParts(null, 1_000)))
    if (part.kind === "leads")
      ids.push(...(await readPart(world, part)).map((line) => parseLeadLine(line).id));
  return ids.toSorted();
}

async function wholeAudit(world: ArchiveWorld): Promise<string[]> {
  const lines: string[] = [];
  for (const part of await rows(world.db, listParts(null, 1_000)))
    if (part.kind === "audit") lines.push(...(await readPart(world, part)));
  return [...lines, ...(await auditLines(world.db, 0, 1_000, 10_000)).lines];
}

async function openSmall(perDay = LEADS / 2, days = 2) {
  const world = openArchive();
  const leads = Array.from({ length: days }, (_, day) =>
    world.past.addDay(LONG_AGO + day * DAY, perDay),
  ).flat();
  world.past.addToday();
  await world.closeDays();
  return { world, ids: leads.map(({ id }) => id) };
}

it("one call fails, each in turn, and nothing is lost or doubled, and the next runs finish", async () => {
  let [call, calls] = [0, Infinity];
  for (; call < calls; call++) {
    // To die before a call took effect is to have died after the one before it.
    for (const [landed, dies] of [
      [false, false],
      [true, false],
      [true, true],
    ] as const) {
      const { world, ids } = await openSmall(8, 1);
      const audit = await wholeAudit(world);
      const process = faulty(world, [{ call, landed, dies }]);
      // Call 0 is none: that run only counts how many there are.
      await archiveOld(process.deps, LIMITS, 10);
      if (call === 0) calls = process.calls();
      const what = { call, landed, dies };
      expect({ ...what, ids: await wherever(world) }).toEqual({ ...what, ids });
      expect({ ...what, audit: await wholeAudit(world) }).toEqual({ ...what, audit });
      await world.tend(LIMITS);
      expect({ ...what, left: world.count("leads") }).toEqual({ ...what, left: 0 });
      expect({ ...what, audit: await wholeAudit(world) }).toEqual({ ...what, audit });
    }
  }
  expect(calls).toBeGreaterThan(15);
}, 60_000);

it("whatever fails wherever, and whoever runs beside, nothing is lost and nothing doubled, and the next runs finish", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fault, { maxLength: 2 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (runs, beside) => {
        const { world, ids } = await openSmall();
        const audit = await wholeAudit(world);
        for (const faults of runs) {
          const others = beside ? [archiveOld(world.deps, LIMITS)] : [];
          await Promise.all([archiveOld(faulty(world, faults).deps, LIMITS), ...others]);
          expect(await wherever(world)).toEqual(ids);
          expect(await wholeAudit(world)).toEqual(audit);
        }
        await world.tend(LIMITS);
        expect([world.count("leads"), world.count("commits")]).toEqual([0, 1]);
        expect(await wherever(world)).toEqual(ids);
        expect(await wholeAudit(world)).toEqual(audit);
        world.clock.now += 2 * HOUR;
        await world.tend(LIMITS);
        const listed = world.select("SELECT key, state, listed FROM archives ORDER BY key");
        expect(listed).toEqual(
          world.bucket.parts().map((key) => ({ key, state: "kept", listed: 1 })),
        );
      },
    ),
    { numRuns: 15 },
  );
}, 30_000);

it("whatever fails wherever while a person is erased, the archive holds everybody once, and in the end nothing of them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fault, { maxLength: 2 }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (tries, beside) => {
        const { world, ids } = await openSmall();
        await world.tend(LIMITS);
        const [, id = "", neighbour = ""] = ids;
        for (const faults of tries) {
          await Promise.allSettled([
            eraseArchived(faulty(world, faults).deps, id, "ana"),
            ...(beside ? [eraseArchived(world.deps, neighbour, "bo")] : []),
          ]);
          expect(await wherever(world)).toEqual(ids);
        }
        expect(await eraseArchived(world.deps, id, "ana")).toEqual({
          outcome: "erased",
          leadId: id,
        });
        world.clock.now += 2 * HOUR;
        await world.tend(LIMITS);
        expect(await wherever(world)).toEqual(ids);
        const kept = await Promise.all(
          (await rows(world.db, listParts(null, 1_000))).map((part) => readPart(world, part)),
        );
        expect(JSON.stringify(kept)).not.toContain("jane-2@acme.test");
        expect(world.bucket.parts()).toHaveLength(kept.length);
        const erased = world.select(
          `SELECT actor FROM events WHERE kind = 'erased' AND subject_id = '${id}'`,
        );
        expect(erased).toEqual([{ actor: "ana" }]);
      },
    ),
    { numRuns: 15 },
  );
}, 30_000);
