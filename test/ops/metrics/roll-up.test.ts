import { describe, expect, it } from "vitest";
import { rollUp, rollUpNext } from "../../../src/ops/metrics/roll-up.ts";
import { losingAnswerOf } from "../../routing/desk.ts";
import { counted, rolledUp } from "./brute-force.ts";
import { ago, HOUR, MINUTE, openHistory, randomPast, type History } from "./history.ts";

const markOf = (history: History) =>
  history.count("SELECT CAST(value AS INTEGER) AS n FROM marks WHERE name = 'rollup'");
const newestCommit = (history: History) => history.count("SELECT max(no) AS n FROM commits");

/** Every commit counts, and once. */
function expectExact(history: History): void {
  expect(markOf(history)).toBe(newestCommit(history));
  expect(rolledUp(history)).toEqual(counted(history, newestCommit(history)));
}

describe("the rollup", () => {
  it("says what the decisions, their trails and their notifications say", async () => {
    const history = openHistory();
    await randomPast(history, 120, 3);
    await rollUp(history.deps);
    expectExact(history);
    expect(Object.keys(rolledUp(history)).length).toBeGreaterThan(500);
  });

  it("keeps the sources it has named, whatever a stranger makes up afterwards in the same quarter-hour", async () => {
    const history = openHistory();
    const from = (source: string) => ({ receivedAt: ago(HOUR), lead: { source } });
    await history.decide(...Array.from({ length: 40 }, () => from("google")));
    await rollUp(history.deps);
    await history.decide(...Array.from({ length: 60 }, (_, at) => from(`junk-${at}`)));
    const bySource = async () => (await history.call("GET", "/metrics/assignments?by=source")).json;
    const expected = {
      items: expect.arrayContaining([expect.objectContaining({ source: "google", first: 40 })]),
    };
    expect(await bySource()).toMatchObject(expected);
    await rollUp(history.deps);
    expect(await bySource()).toMatchObject(expected);
  });

  it("goes on where it stopped, and run again adds nothing", async () => {
    const history = openHistory();
    for (let day = 0; day < 3; day++) {
      await randomPast(history, 20, 1);
      await rollUp(history.deps);
      await rollUp(history.deps);
      expectExact(history);
    }
  });

  it("counts once what two runs count at the same time", async () => {
    const history = openHistory();
    for (let round = 0; round < 5; round++) {
      await randomPast(history, 10, 1);
      await Promise.all([rollUp(history.deps), rollUp(history.deps), rollUpNext(history.db)]);
      expectExact(history);
    }
  });

  it("counts nothing for a run that read, was overtaken and writes late", async () => {
    const history = openHistory();
    await randomPast(history, 10, 1);
    const held = Promise.withResolvers<void>();
    let calls = 0;
    // The third call is the write: it waits until somebody else has counted.
    const late = history.db.through(async (call) => {
      if (++calls === 3) await held.promise;
      return call();
    });
    const overtaken = rollUpNext(late);
    await rollUp(history.deps);
    await randomPast(history, 5, 1);
    await rollUp(history.deps);
    held.resolve();
    expect(await overtaken).toBe(false);
    expect(calls).toBe(3);
    expectExact(history);
  });

  it("counts nothing for a run that is killed before it writes", async () => {
    const history = openHistory();
    await randomPast(history, 10, 1);
    let calls = 0;
    const dying = history.db.through((call) =>
      ++calls === 3 ? Promise.reject(new Error("killed")) : Promise.resolve(call()),
    );
    await rollUp({ ...history.deps, db: dying });
    expect(rolledUp(history)).toEqual({});
    expect(history.logged.join()).toContain("rollup_put_off");
    await rollUp(history.deps);
    expectExact(history);
  });

  it("counts once what it wrote when the answer was lost", async () => {
    const history = openHistory();
    await randomPast(history, 10, 1);
    await rollUp({ ...history.deps, db: losingAnswerOf(history.db) });
    expect(history.logged.join()).toContain("rollup_put_off");
    expectExact(history);
    await rollUp(history.deps);
    expectExact(history);
  });

  it("never rejects, whatever is wrong", async () => {
    const history = openHistory();
    await randomPast(history, 2, 1);
    history.db.sqlite.exec("DROP TABLE rollups");
    await expect(rollUp(history.deps)).resolves.toBeUndefined();
    expect(history.logged).toHaveLength(1);
  });

  it("counts a bounded number of audit rows a step, and an import larger than that at once", async () => {
    const history = openHistory();
    const insert = history.db.sqlite.prepare("INSERT INTO commits (no, at, keys) VALUES (?, 0, ?)");
    const rowsOf = (count: number) =>
      JSON.stringify(Array.from({ length: count }, (_, n) => ["event", "lead", `lead-${n}`, "id"]));
    for (const [at, count] of [10, 5_000, 900, 900, 900].entries())
      insert.run(at + 1, rowsOf(count));
    const marks: number[] = [];
    for (let more = true; more;) {
      more = await rollUpNext(history.db);
      marks.push(markOf(history));
    }
    expect(marks).toEqual([1, 2, 4, 5]);
  });

  it("passes over an import of 100,000 rows within one run, and counts the lead behind it", async () => {
    const history = openHistory();
    const insert = history.db.sqlite.prepare("INSERT INTO commits (no, at, keys) VALUES (?, 0, ?)");
    const keys = JSON.stringify(
      Array.from({ length: 1_500 }, (_, n) => ["event", "account", `a${n}`, "id"]),
    );
    for (let no = 1; no <= 67; no++) insert.run(no, keys);
    await history.decide({ receivedAt: ago(HOUR) });
    await rollUp(history.deps);
    expectExact(history);
  });

  it("counts the first time somebody was told, when a crash had them told twice", async () => {
    const history = openHistory();
    const receivedAt = ago(HOUR);
    const [leadId = ""] = await history.decide({ receivedAt, notifiedAt: receivedAt + 3_000 });
    await rollUp(history.deps);
    const before = rolledUp(history);
    await history.tell({ leadId, generation: 1, at: receivedAt + 5 * MINUTE });
    await rollUp(history.deps);
    expect(rolledUp(history)).toEqual(before);
  });

  it("does not time what a person decided", async () => {
    const history = openHistory();
    const byHand = { decidedBy: "lea", podId: null, rule: null, trail: [] };
    await history.decide({ receivedAt: ago(HOUR), decidedAt: ago(MINUTE), ...byHand });
    await rollUp(history.deps);
    const times = Object.keys(rolledUp(history)).filter((key) => key.includes("received"));
    expect(times).toEqual([]);
  });
});
