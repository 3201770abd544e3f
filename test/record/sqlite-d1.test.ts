import { describe, expect, it } from "vitest";
import { openD1 } from "./sqlite-d1.ts";

const addPod = "INSERT INTO pod_versions (pod_id, version) VALUES (?1, ?2)";

describe("the stand-in for D1", () => {
  it("yields plain rows and counts changes, those of triggers too", async () => {
    const db = openD1();
    const added = await db.prepare(addPod).bind("dach", 1).run();
    expect(added).toMatchObject({
      success: true,
      results: [],
      meta: { changes: 1, rows_read: 0, rows_written: 0 },
    });
    const { results } = await db.prepare("SELECT * FROM pod_versions").all();
    expect(results).toStrictEqual([{ pod_id: "dach", version: 1 }]);

    await db.prepare("INSERT INTO reps (id, name, time_zone) VALUES ('bo', 'Bo', 'UTC')").run();
    const member = db.prepare(
      "INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'bo', 0)",
    );
    expect((await member.run()).meta.changes).toBe(2);
  });

  it("runs a batch as one transaction and rolls all of it back", async () => {
    const db = openD1();
    const twice = db.batch([
      db.prepare(addPod).bind("dach", 1),
      db.prepare(addPod).bind("dach", 2),
    ]);
    await expect(twice).rejects.toThrow(
      /^D1_ERROR: UNIQUE constraint failed: pod_versions.pod_id: SQLITE_CONSTRAINT$/,
    );
    expect((await db.prepare("SELECT * FROM pod_versions").all()).results).toEqual([]);
    await db.batch([db.prepare(addPod).bind("dach", 1)]);
    expect(await db.prepare("SELECT version FROM pod_versions").first("version")).toBe(1);
  });

  it("leaves a bound statement as it was when it is bound again", async () => {
    const statement = openD1().prepare("SELECT ?1 AS value");
    const one = statement.bind(1);
    const two = statement.bind(true);
    expect([await one.first("value"), await two.first("value")]).toEqual([1, 1]);
    expect(await statement.bind("x").raw({ columnNames: true })).toEqual([["value"], ["x"]]);
    expect(await statement.bind("x").raw()).toEqual([["x"]]);
    expect(await statement.bind("x").all()).toMatchObject({ results: [{ value: "x" }] });
  });

  it("refuses what D1 refuses", async () => {
    const db = openD1();
    await expect(db.batch([])).rejects.toThrow("No SQL statements");
    expect(() => db.prepare("SELECT ?").bind(undefined)).toThrow("D1_TYPE_ERROR");
    const many = Array.from({ length: 101 }, () => 1);
    await expect(
      db
        .prepare(`SELECT ${many.map(() => "?").join()}`)
        .bind(...many)
        .all(),
    ).rejects.toThrow("too many SQL variables");
    await expect(db.prepare("SELECT ?").bind("x".repeat(2_000_001)).all()).rejects.toThrow(
      "SQLITE_TOOBIG",
    );
    await expect(db.prepare("SELEC 1").all()).rejects.toThrow("D1_ERROR");
    const orphan = db.prepare(
      "INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'nobody', 0)",
    );
    await expect(orphan.run()).rejects.toThrow("FOREIGN KEY constraint failed");
  });
});
