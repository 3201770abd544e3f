import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CALM_MS,
  REMIND_MS,
  stepAlert,
  UNKNOWN_MS,
  WORSE_FACTOR,
} from "../../../src/ops/alerts/alert-state.ts";
import { type AlertState, type News, QUIET } from "../../../src/record/alerts.ts";

const MINUTE = 60_000;
const LIMIT = 100;

/** Runs values of one a minute through an alert; whoever hears of it hears at once, unless `slackAt` says that Slack is away. */
function run(
  values: readonly (number | null)[],
  slackAt: (minute: number) => boolean = () => true,
): { readonly at: number; readonly news: News }[] {
  const told: { at: number; news: News }[] = [];
  let state: AlertState = QUIET;
  for (const [minute, value] of values.entries()) {
    const now = minute * MINUTE;
    state = stepAlert(state, value, LIMIT, now);
    if (state.news !== null && slackAt(minute)) {
      told.push({ at: minute, news: state.news });
      const raisedAt = state.news === "over" ? null : state.raisedAt;
      const toldValue = value ?? state.toldValue;
      state = { ...state, raisedAt, news: null, toldAt: now, toldValue };
    }
  }
  return told;
}

const times = <Value>(count: number, value: Value): Value[] => Array(count).fill(value);

describe("an alert", () => {
  it("is raised at its limit, once, and over after half an hour well below it", () => {
    expect(run([99, ...times(50, 100), ...times(31, 79)])).toEqual([
      { at: 1, news: "raised" },
      { at: 81, news: "over" },
    ]);
  });

  it("stands while the value hovers at its limit, or is calm for less than half an hour", () => {
    const hovering = Array.from({ length: 300 }, (_, minute) => (minute % 2 === 0 ? 101 : 81));
    const dipping = Array.from({ length: 300 }, (_, minute) => (minute % 30 === 0 ? 81 : 0));
    expect(run([100, ...hovering])).toHaveLength(1);
    expect(run([100, ...dipping])).toHaveLength(1);
  });

  it("says once a day that it stands, and not while it calms down", () => {
    const day = REMIND_MS / MINUTE;
    expect(run(times(2 * day + 2, 500)).map(({ at }) => at)).toEqual([0, day, 2 * day]);
    expect(run([...times(day - 10, 500), ...times(20, 0)])).toHaveLength(1);
  });

  it("stays what it is while nothing is known, and is over after a day of it", () => {
    const day = UNKNOWN_MS / MINUTE;
    expect(run(times(10, null))).toEqual([]);
    expect(run([100, ...times(day, null)])).toEqual([
      { at: 0, news: "raised" },
      { at: day, news: "standing" },
    ]);
    expect(run([100, ...times(day + 1, null)]).at(-1)).toEqual({ at: day + 1, news: "over" });
    expect(run([100, ...times(day - 1, null), ...times(2, 100)])).toHaveLength(2);
  });

  it("speaks again at once when it is ten times as bad as ops know, and as its limit", () => {
    const growing = [100, 999, 1_000, 9_999, 5_000, 10_000, 10_000, 700, 10_000];
    expect(run(growing)).toEqual([
      { at: 0, news: "raised" },
      { at: 2, news: "worse" },
      { at: 5, news: "worse" },
    ]);
  });

  it("is not told as far worse once it is not any more", () => {
    const away = (minute: number) => minute === 0 || minute > 3;
    expect(run([100, 1_000, 1_000, 1_000, 100, 100], away)).toHaveLength(1);
  });

  it("that ops never heard of says from when to when it was", () => {
    const raised = stepAlert(QUIET, 500, LIMIT, 7);
    const calm = stepAlert(raised, 0, LIMIT, MINUTE);
    const over = stepAlert(calm, 0, LIMIT, MINUTE + CALM_MS);
    expect(over).toMatchObject({ news: "over", raisedAt: 7, calmSince: MINUTE });
    expect(stepAlert(over, 0, LIMIT, 2 * CALM_MS)).toEqual(over);
    expect(stepAlert(over, 100, LIMIT, 9)).toEqual({ ...QUIET, raisedAt: 9, news: "raised" });
    const heard = stepAlert({ ...calm, news: null, toldAt: 8 }, 0, LIMIT, MINUTE + CALM_MS);
    expect(heard).toEqual({ ...QUIET, news: "over" });
  });

  it("tells once of what came while Slack was away: the last that is so", () => {
    const away = (from: number, until: number) => (minute: number) =>
      minute < from || minute >= until;
    expect(run([100, ...times(50, 100)], away(0, 20))).toEqual([{ at: 20, news: "raised" }]);
    expect(run([100, ...times(50, 0)], away(0, 40))).toEqual([{ at: 40, news: "over" }]);
  });

  it("is quiet as soon as it is turned off, and nobody is told", () => {
    const raised = stepAlert(QUIET, 500, LIMIT, 0);
    expect(stepAlert(raised, 500, null, MINUTE)).toEqual(QUIET);
  });
});

describe("whatever the values do", () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.constantFrom(0, 79, 80, 81, 99, 100, 101),
    fc.double({ min: 0, max: 200, noNaN: true }),
    fc.constantFrom(1_000, 10_000, 1e6),
  );
  const values = fc.array(value, { minLength: 1, maxLength: 400 });

  it("ops hear at most two messages for each half hour, and one more for each power of ten while it stands", () => {
    fc.assert(
      fc.property(values, (all) => {
        const told = run(all);
        const halves = Math.ceil((all.length * MINUTE) / CALM_MS);
        expect(told.filter(({ news }) => news !== "worse").length).toBeLessThanOrEqual(2 * halves);
        let worst = LIMIT;
        for (const { at, news } of told) {
          const then = all[at] ?? Number.NaN;
          if (news === "worse") expect(then).toBeGreaterThanOrEqual(WORSE_FACTOR * worst);
          worst = news === "over" ? LIMIT : then;
        }
      }),
    );
  });

  it("ops hear by turns that it is raised and that it is over, and each of them is true", () => {
    fc.assert(
      fc.property(values, (all) => {
        const turns = run(all).filter(({ news }) => news !== "worse");
        for (const [nth, { at, news }] of turns.entries()) {
          expect(news).toBe(nth % 2 === 0 ? "raised" : "over");
          const then = all[at] ?? Number.NaN;
          expect(news === "raised" ? then >= LIMIT : then < LIMIT).toBe(true);
        }
      }),
    );
  });

  it("no value that reached its limit goes unheard, wherever Slack was away before", () => {
    fc.assert(
      fc.property(values, fc.array(fc.boolean(), { maxLength: 400 }), (all, slack) => {
        const up = (minute: number) => minute === all.length || (slack[minute] ?? false);
        const reached = all.some((one) => one !== null && one >= LIMIT);
        expect(run([...all, null], up).length > 0).toBe(reached);
      }),
    );
  });
});
