import { describe, expect, it } from "vitest";
import type { TrailStep } from "../../../../src/rules/trail.ts";
import { rollUp } from "../../../../src/ops/metrics/roll-up.ts";
import { ago, DAY, HOUR, MATCHED, MINUTE, openHistory, randomPast } from "../../metrics/history.ts";
import { refusedFields } from "../api-client.ts";

const MISS: TrailStep = { ...MATCHED, outcome: "no_match" };
const FALLBACK: TrailStep = { ...MATCHED, rule: "fallback", kind: "fallback", podId: "sdr" };
const VIP: TrailStep = { ...MATCHED, rule: "VIP", kind: "rule" };

/** What became of leads, one a minute, the last of them an hour ago. */
async function route(history: ReturnType<typeof openHistory>, trails: readonly TrailStep[][]) {
  const start = ago(HOUR) - trails.length * MINUTE;
  for (const [at, trail] of trails.entries())
    await history.decide({ receivedAt: start + at * MINUTE, trail });
}

function repeat(count: number, ...trails: readonly TrailStep[][]): TrailStep[][] {
  return Array.from({ length: count }, () => trails).flat();
}

async function ruleOf(history: ReturnType<typeof openHistory>, name: string) {
  const { status, json } = await history.call("GET", "/metrics/rules");
  expect(status).toBe(200);
  return (json as any).rules.find(({ rule }: { rule: string }) => rule === name);
}

describe("GET /metrics/rules", () => {
  it("says of each rule how often it was tried and matched, day by day, as the trails do", async () => {
    const history = openHistory();
    await randomPast(history, 60, 5);
    await rollUp(history.deps);
    await randomPast(history, 10, 1);
    const { json }: any = await history.call("GET", "/metrics/rules?zone=Asia/Kolkata");
    const count = (rule: string, condition = "TRUE") =>
      history.count(
        `SELECT count(*) AS n FROM decisions d, json_each(d.trail) s WHERE s.value ->> 'rule' = '${rule}' AND ${condition}`,
      );
    expect(json.rules.map(({ rule }: { rule: string }) => rule)).toEqual(["DACH", "fallback"]);
    expect(json.routed).toBe(history.count("SELECT count(*) AS n FROM decisions"));
    for (const { rule, tried, matched, nobody, rate, series } of json.rules) {
      expect(tried).toBe(count(rule));
      expect(matched).toBe(count(rule, "s.value ->> 'outcome' <> 'no_match'"));
      expect(nobody).toBe(count(rule, "s.value ->> 'outcome' = 'no_eligible_rep'"));
      expect(rate).toBe(matched / tried);
      expect(series.length).toBeGreaterThan(4);
      for (const { at, ...day } of series) {
        expect(at).toMatch(/T18:30:00\.000Z$/);
        const from = Date.parse(at);
        const within = `d.decided_at >= ${from} AND d.decided_at < ${from + DAY}`;
        expect(day.tried).toBe(count(rule, within));
        expect(day.matched).toBe(count(rule, `${within} AND s.value ->> 'outcome' <> 'no_match'`));
      }
    }
  });

  it("shows a rule that silently stopped matching", async () => {
    const history = openHistory();
    await route(history, [
      ...repeat(20, [MATCHED], [MISS, FALLBACK]),
      ...repeat(30, [MISS, FALLBACK]),
    ]);
    await rollUp(history.deps);
    const dach = await ruleOf(history, "DACH");
    expect(dach).toMatchObject({ tried: 70, matched: 20, stopped: true, noLongerTried: false });
    expect(dach.matches.observed).toBe(0);
    expect(dach.matches.expected).toBeCloseTo(
      (20 / (70 - dach.matches.since)) * dach.matches.since,
    );
    expect(dach.explanation).toContain("It has stopped matching: it matched 20 of ");
    expect(dach.explanation).toContain(`quarter-hour from ${dach.lastMatchedAt}`);
    expect(await ruleOf(history, "fallback")).toMatchObject({ stopped: false, explanation: null });
  });

  it("does not take a rule that is tried less for one that stopped matching", async () => {
    const history = openHistory();
    // Tried on four leads of the last hundred, because a new rule before it takes the others.
    await route(history, [
      ...repeat(20, [MATCHED], [MISS, FALLBACK]),
      ...repeat(12, ...repeat(8, [VIP]), [MISS, FALLBACK]).slice(0, 36),
    ]);
    const dach = await ruleOf(history, "DACH");
    expect(dach).toMatchObject({ stopped: false, noLongerTried: false });
  });

  it("says when a rule is no longer tried at all, and that another is no longer in the chain", async () => {
    const history = openHistory();
    await route(history, [...repeat(20, [MATCHED], [MISS, FALLBACK]), ...repeat(40, [VIP])]);
    const dach = await ruleOf(history, "DACH");
    expect(dach).toMatchObject({ stopped: false, noLongerTried: true, place: 1 });
    expect(dach.explanation).toContain("It is no longer tried: not since the quarter-hour from");
    expect(await ruleOf(history, "VIP")).toMatchObject({
      inChain: false,
      place: null,
      kind: null,
      matched: 40,
      stopped: false,
    });
  });

  it("shows a rule of the chain that no lead came to", async () => {
    const history = openHistory();
    await history.decide({ receivedAt: ago(HOUR) });
    expect(await ruleOf(history, "fallback")).toMatchObject({
      tried: 0,
      rate: null,
      series: [],
      explanation: "It was tried on 0 of 1 lead in this range: the rules before it took every one.",
    });
  });

  it("counts a match for which nobody was there as a match", async () => {
    const history = openHistory();
    const end: TrailStep = { ...MATCHED, outcome: "no_eligible_rep" };
    await history.decide({ receivedAt: ago(HOUR), trail: [end, FALLBACK] });
    expect(await ruleOf(history, "DACH")).toMatchObject({
      tried: 1,
      matched: 1,
      nobody: 1,
      rate: 1,
    });
  });

  it("goes by the hour for up to 14 days", async () => {
    const history = openHistory();
    await history.decide({ receivedAt: ago(90 * MINUTE) }, { receivedAt: ago(30 * MINUTE) });
    const { json }: any = await history.call("GET", "/metrics/rules?every=hour");
    expect(json.rules[0].series).toMatchObject([
      { at: "2026-11-22T08:00:00.000Z", tried: 1 },
      { at: "2026-11-22T09:00:00.000Z", tried: 1 },
    ]);
    const refused = await history.call(
      "GET",
      "/metrics/rules?every=hour&from=2026-11-01T00:00:00Z",
    );
    expect(refused.status).toBe(400);
    expect(Object.keys(refusedFields(refused.json))).toEqual(["from"]);
    const wrong = await history.call("GET", "/metrics/rules?every=minute");
    expect(Object.keys(refusedFields(wrong.json))).toEqual(["every"]);
  });
});
