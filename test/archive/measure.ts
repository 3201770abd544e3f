import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ArchiveBucket } from "../../src/ports/bucket.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import { restoreArchive } from "../../src/cli/archive/restore.ts";
import { folderSource } from "../../src/cli/archive/walk.ts";
import { sha256Hex } from "../../src/lib/digest.ts";
import { DAY, LONG_AGO, openArchive, type ArchiveWorld } from "./past.ts";

// Archives 100,000 leads of two days and restores them: `node --expose-gc test/archive/measure.ts [leads]`. Prints what it took, what one
// part needs of memory beyond what the database itself does, and whether every row came back as it was.

const LEADS = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), "archive-measure-"));

const onDisk: ArchiveBucket = {
  async put(key, object) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), object);
  },
  async get(key) {
    const object = readFileSync(join(folder, key));
    return { size: object.length, body: new Blob([object]).stream() };
  },
  async delete(keys) {
    for (const key of keys) rmSync(join(folder, key), { force: true });
  },
  list: () => Promise.reject(new Error("nothing here lists objects")),
};

const TABLES = [
  "SELECT * FROM leads ORDER BY id",
  "SELECT * FROM decisions ORDER BY lead_id, generation",
  "SELECT * FROM events WHERE subject_type = 'lead' ORDER BY subject_id, id",
  "SELECT * FROM commits WHERE no <= $last ORDER BY no",
];

/** SHA-256 of each table's rows, one by one. */
function digestTables(db: DatabaseSync, last: number): string[] {
  return TABLES.map((sql) => {
    let digest = "";
    const rows = db.prepare(sql.replace("$last", String(last))).iterate();
    for (const row of rows) digest = sha256Hex(digest + JSON.stringify(row));
    return digest;
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const before = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - before) / 1_000).toFixed(1)} s`);
  return result;
}

/** Runs the cron until it moves nothing more; yields its runs and the most memory that one held beyond what stood before it. */
async function archiveAll(world: ArchiveWorld): Promise<{ runs: number; peak: number }> {
  const deps = { ...world.deps, archive: onDisk };
  let [runs, peak] = [0, 0];
  for (let left = -1; left !== world.count("leads") + world.count("commits");) {
    left = world.count("leads") + world.count("commits");
    globalThis.gc?.();
    const before = held();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, held())), 1);
    await archiveOld(deps, undefined, 1);
    clearInterval(watch);
    most = Math.max(most, held());
    peak = Math.max(peak, most - before);
    runs++;
  }
  return { runs, peak };
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const world = openArchive();
world.past.addDay(LONG_AGO, LEADS / 2);
world.past.addDay(LONG_AGO + DAY, LEADS / 2);
const last = Number(world.select("SELECT max(no) AS no FROM commits")[0]?.["no"]);
world.past.addToday();
await timed(`closing the audit of ${LEADS} leads`, () => world.closeDays());
const before = digestTables(world.db.sqlite, last);

const { runs, peak } = await timed("archiving", () => archiveAll(world));
console.log(
  `${runs} parts and runs that found nothing; the most memory one took: ${megabytes(peak)}`,
);
console.log(
  `left in the database: ${world.count("leads")} leads, ${world.count("decisions")} decisions, ${world.count("commits")} commits`,
);
const [sums] = world.select(
  "SELECT count(*) AS parts, sum(rows) AS rows, sum(bytes) AS bytes, sum(object_bytes) AS stored, max(bytes) AS most FROM archives",
);
console.log(
  `${sums?.["parts"]} parts, ${sums?.["rows"]} rows, ${megabytes(Number(sums?.["bytes"]))}, compressed ${megabytes(Number(sums?.["stored"]))}; the largest ${megabytes(Number(sums?.["most"]))}`,
);

const file = join(folder, "restored.sqlite");
const walked = await timed("restoring", () => restoreArchive(folderSource(folder), file));
const after = digestTables(new DatabaseSync(file, { readOnly: true }), last);
const same = before.every((digest, at) => digest === after[at]);
console.log(
  `restored ${walked.rows} rows, ${walked.problems.length} problems; every row as it was: ${same}`,
);
rmSync(folder, { recursive: true });
process.exitCode = same && walked.problems.length === 0 ? 0 : 1;
