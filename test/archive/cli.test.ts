import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { restoreArchive } from "../../src/cli/archive/restore.ts";
import { folderSource, walkArchive } from "../../src/cli/archive/walk.ts";
import { DAY, LONG_AGO, openArchive } from "./past.ts";

const folder = mkdtempSync(join(tmpdir(), "archive-"));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;

/** A downloaded archive of two days, and the rows that it was made of. */
async function download() {
  const world = openArchive();
  world.past.addDay(LONG_AGO, 40);
  world.past.addDay(LONG_AGO + DAY, 40);
  world.db.sqlite.exec(
    "INSERT INTO lead_aliases SELECT 'alias-of-' || id, id FROM leads WHERE id LIKE '%7'",
  );
  world.past.addToday();
  await world.closeDays();
  const tables = {
    leads: "SELECT * FROM leads ORDER BY id",
    lead_aliases: "SELECT * FROM lead_aliases ORDER BY id",
    decisions: "SELECT * FROM decisions ORDER BY lead_id, generation",
    events: "SELECT * FROM events WHERE subject_type = 'lead' ORDER BY subject_id, id",
    commits: "SELECT * FROM commits WHERE no <= 16 ORDER BY no",
  };
  const before = Object.values(tables).map((sql) => world.select(sql));
  await world.tend({ rows: 15, bytes: 1_000_000 });
  const here = join(folder, String(++folders));
  for (const [key, object] of world.bucket.objects) {
    mkdirSync(dirname(join(here, key)), { recursive: true });
    writeFileSync(join(here, key), object);
  }
  return { here, before, tables, parts: world.bucket.parts(), source: folderSource(here) };
}

it("restore makes a database of which every row is as it was", async () => {
  const { here, source, before, tables } = await download();
  const file = join(here, "restored.sqlite");
  const walked = await restoreArchive(source, file);
  expect(walked).toMatchObject({ days: 4, rows: 80 + 80 + 80 + 16, problems: [] });
  const db = new DatabaseSync(file, { readOnly: true });
  const restored = Object.values(tables).map((sql) =>
    db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })),
  );
  db.close();
  expect(restored).toEqual(before);
  await expect(restoreArchive(source, file)).rejects.toThrow("exists already");
});

describe("verify finds", () => {
  it("nothing wrong with what is whole", async () => {
    const { source, parts } = await download();
    expect(await walkArchive(source)).toEqual({
      days: 4,
      parts: parts.length,
      rows: 256,
      problems: [],
    });
  });

  it("a part that is missing, changed, cut off or another's", async () => {
    const { here, source, parts } = await download();
    const [audit = "", another = ""] = parts;
    const leads = parts.at(-1) ?? "";
    const bytes = Buffer.from(await source.read(leads));
    const spoilt: Record<string, () => void> = {
      missing: () => rmSync(join(here, leads)),
      changed: () => writeFileSync(join(here, leads), bytes.with(30, (bytes[30] ?? 0) ^ 1)),
      "cut off": () => writeFileSync(join(here, leads), bytes.subarray(0, -1)),
    };
    for (const spoil of Object.values(spoilt)) {
      spoil();
      expect((await walkArchive(source)).problems).toHaveLength(1);
      writeFileSync(join(here, leads), bytes);
    }
    // One part that is spoilt is named, and takes none of its day with it.
    writeFileSync(join(here, audit), "");
    const { problems, parts: whole } = await walkArchive(source);
    expect([problems, whole]).toEqual([[expect.stringContaining(audit)], parts.length - 1]);
    writeFileSync(join(here, audit), await source.read(another));
    expect((await walkArchive(source)).problems.length).toBeGreaterThan(0);
  });

  it("a part that no manifest names, and a day that is missing between others", async () => {
    const { here, source } = await download();
    writeFileSync(join(here, "leads/2026-08-14/0009-stray.ndjson.gz"), "");
    expect((await walkArchive(source)).problems).toEqual([
      "leads/2026-08-14/0009-stray.ndjson.gz is in no manifest",
    ]);
    rmSync(join(here, "leads/2026-08-14/0009-stray.ndjson.gz"));
    const manifest = JSON.parse(
      Buffer.from(await source.read("audit/2026-08-14/manifest.json")).toString(),
    );
    const [gone] = manifest.parts.splice(1, 1);
    writeFileSync(join(here, "audit/2026-08-14/manifest.json"), JSON.stringify(manifest));
    rmSync(join(here, gone.key));
    const [problem, ...others] = (await walkArchive(source)).problems;
    expect([problem, others]).toEqual([
      expect.stringMatching(/begins with commit \d+, after \d+$/),
      [],
    ]);
  });
});
