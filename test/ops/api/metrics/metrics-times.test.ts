import { describe, expect, it } from "vitest";
import { rollUp } from "../../../../src/ops/metrics/roll-up.ts";
import { ago, HOUR, openHistory, randomPast } from "../../metrics/history.ts";

/** Exact percentile by nearest rank. */
function exact(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

const MEASURES = {
  receivedToDecided:
    "SELECT d.decided_at - l.received_at AS ms FROM decisions d JOIN leads l ON l.id = d.lead_id WHERE d.generation = 1",
  decidedToNotified:
    "SELECT e.occurred_at - d.decided_at AS ms FROM decisions d JOIN events e ON e.subject_id = d.lead_id AND e.generation = d.generation AND e.kind = 'notified'",
  receivedToNotified:
    "SELECT e.occurred_at - l.received_at AS ms FROM decisions d JOIN leads l ON l.id = d.lead_id JOIN events e ON e.subject_id = d.lead_id AND e.generation = d.generation AND e.kind = 'notified' WHERE d.generation = 1",
} as const;

describe("GET /metrics/time-to-assignment", () => {
  it("says how long leads took: percentiles to 9.1 %, the histogram and the promises exactly", async () => {
    const history = openHistory();
    await randomPast(history, 80, 5);
    await rollUp(history.deps);
    await randomPast(history, 20, 1);
    const { status, json } = await history.call("GET", "/metrics/time-to-assignment");
    expect(status).toBe(200);
    for (const [measure, sql] of Object.entries(MEASURES)) {
      const times = history.db.sqlite
        .prepare(`${sql} ORDER BY ms`)
        .all()
        .map(({ ms }) => Number(ms));
      const summary = (json as any)[measure];
      expect(summary.count).toBe(times.length);
      for (const [name, share] of [
        ["p50Ms", 0.5],
        ["p95Ms", 0.95],
        ["p99Ms", 0.99],
        ["maxMs", 1],
      ] as const) {
        expect(summary[name]).toBeGreaterThanOrEqual(exact(times, share));
        expect(summary[name]).toBeLessThanOrEqual(exact(times, share) * 1.091);
      }
      let before = -1;
      for (const { leMs, count } of summary.histogram) {
        const bound = leMs ?? Infinity;
        expect(count).toBe(times.filter((ms) => ms > before && ms <= bound).length);
        before = bound;
      }
      const within = { receivedToDecided: 5_000, receivedToNotified: 30_000 }[measure];
      expect(summary.promise).toEqual(
        within === undefined
          ? null
          : { withinMs: within, share: times.filter((ms) => ms <= within).length / times.length },
      );
    }
  });

  it("takes one pod by name", async () => {
    const history = openHistory();
    await history.decide({ receivedAt: ago(HOUR) }, { receivedAt: ago(HOUR), podId: "sdr" });
    const { json } = await history.call("GET", "/metrics/time-to-assignment?pod=sdr");
    expect(json).toMatchObject({ podId: "sdr", receivedToDecided: { count: 1, p50Ms: 1_000 } });
  });

  it("knows the past of a pod that left rules.ts, and answers 404 for one it never heard of", async () => {
    const history = openHistory();
    await history.decide({ receivedAt: ago(HOUR), podId: "emea" });
    expect((await history.call("GET", "/metrics/time-to-assignment?pod=emea")).status).toBe(200);
    expect((await history.call("GET", "/metrics/time-to-assignment?pod=apac")).status).toBe(404);
  });

  it("of nothing says nothing", async () => {
    const { json } = await openHistory().call("GET", "/metrics/time-to-assignment?pod=dach");
    expect(json).toMatchObject({
      receivedToDecided: { count: 0, p95Ms: null, promise: { withinMs: 5_000, share: null } },
    });
  });
});
