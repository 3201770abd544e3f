import { describe, expect, it } from "vitest";
import { type Range, wholeBuckets } from "../../../src/record/rollups.ts";
import { collect } from "../../../src/ops/metrics/collect.ts";
import { rollUp } from "../../../src/ops/metrics/roll-up.ts";
import { ago, DAY, HOUR, NOW, openHistory, randomPast, type History } from "./history.ts";

const RANGE = wholeBuckets({ from: ago(5 * DAY), to: NOW });

/** Decisions in the range, and its quarter-hours in the order they came. */
async function collectAll(history: History, db: D1Database = history.db, range: Range = RANGE) {
  const start = () => ({ decisions: 0, buckets: [] as number[] });
  const { sum, ...counted } = await collect(db, range, ["counts"], start, (into, bucket, tally) => {
    into.buckets.push(bucket);
    for (const [, , , , first, later] of tally.counts) into.decisions += first + later;
  });
  return { ...sum, ...counted };
}

const decisions = (history: History) => history.count("SELECT count(*) AS n FROM decisions");

describe("a metric's sum over a range", () => {
  it("counts every decision once: rolled up, partly, or not at all", async () => {
    const history = openHistory();
    await randomPast(history, 30, 4);
    expect(await collectAll(history)).toMatchObject({
      decisions: decisions(history),
      complete: true,
    });
    await rollUp(history.deps);
    expect(await collectAll(history)).toMatchObject({
      decisions: decisions(history),
      complete: true,
    });
    // The same days again: what is rolled up and what is not share quarter-hours.
    await randomPast(history, 30, 4);
    const { buckets, ...rest } = await collectAll(history);
    expect(rest).toEqual({
      decisions: decisions(history),
      complete: true,
      upTo: history.count("SELECT at AS n FROM commits ORDER BY no DESC LIMIT 1"),
    });
    expect(buckets).toEqual([...new Set(buckets)].toSorted((a, b) => b - a));
  });

  it("takes whole quarter-hours of the range and no others", async () => {
    const history = openHistory();
    const range = wholeBuckets({ from: ago(HOUR), to: ago(HOUR) + 1 });
    for (const decidedAt of [range.from - 1, range.from, range.to - 1, range.to])
      await history.decide({ receivedAt: decidedAt - 500, decidedAt });
    expect((await collectAll(history, history.db, range)).decisions).toBe(2);
    await rollUp(history.deps);
    expect((await collectAll(history, history.db, range)).decisions).toBe(2);
  });

  it("starts anew when the rollup moves while it looks, and still counts once", async () => {
    const history = openHistory();
    await randomPast(history, 30, 4);
    let calls = 0;
    // After the look at what is not rolled up, and before the rows are read, the rollup counts it.
    const moving = history.db.through(async (call) => {
      if (++calls === 2) await rollUp(history.deps);
      return call();
    });
    expect(await collectAll(history, moving)).toMatchObject({
      decisions: decisions(history),
      complete: true,
    });
    expect(calls).toBe(4);
  });

  it("says that it is not complete when the rollup moves on and on, and counts nothing twice", async () => {
    const history = openHistory();
    await randomPast(history, 10, 4);
    let calls = 0;
    const restless = history.db.through(async (call) => {
      if (++calls % 2 === 0) {
        await history.decide({ receivedAt: ago(DAY) });
        await rollUp(history.deps);
      }
      return call();
    });
    const { decisions: found, complete, upTo } = await collectAll(history, restless);
    expect(complete).toBe(false);
    expect(found).toBe(decisions(history));
    expect(upTo).toBe(history.count("SELECT at AS n FROM commits ORDER BY no DESC LIMIT 1"));
  });

  it("says that it is not complete when more waits to be rolled up than it may read", async () => {
    const history = openHistory();
    const insert = history.db.sqlite.prepare("INSERT INTO commits (no, at, keys) VALUES (?, ?, ?)");
    const keys = JSON.stringify(
      Array.from({ length: 2_000 }, (_, n) => ["event", "lead", `lead-${n}`, "id"]),
    );
    for (let no = 1; no <= 4; no++) insert.run(no, NOW + no, keys);
    expect(await collectAll(history)).toMatchObject({ complete: false, upTo: NOW + 3 });
    await rollUp(history.deps);
    expect(await collectAll(history)).toMatchObject({ complete: true, upTo: NOW + 4 });
  });

  it("without any commit counts up to none", async () => {
    expect(await collectAll(openHistory())).toEqual({
      decisions: 0,
      buckets: [],
      upTo: null,
      complete: true,
    });
  });
});
