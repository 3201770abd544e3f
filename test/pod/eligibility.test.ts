import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PodSettings } from "../../src/rules/pod.ts";
import { judge } from "../../src/pod/eligibility.ts";
import { emptyState, type PodState } from "../../src/pod/state.ts";
import type { RosterMember } from "../../src/ports/roster.ts";
import type { WorkingHours } from "../../src/ports/roster.ts";
import { member } from "./rosters.ts";

const BERLIN = "Europe/Berlin";
const at = (zoned: string) => Temporal.ZonedDateTime.from(zoned).epochMilliseconds;
const berlin = (local: string) => at(`${local}[${BERLIN}]`);
const NOON = berlin("2026-12-01T12:00"); // a Tuesday
const MIDNIGHT = berlin("2026-12-02T00:00");

const bo = (about: Partial<RosterMember> = {}) => member("bo", { timeZone: BERLIN, ...about });
const having = (about: Partial<PodState>): PodState => ({ ...emptyState(), ...about });
const with15 = having({ days: { bo: { "2026-12-01": 15 } }, open: { bo: 15 } });

function ask(
  rep: RosterMember,
  settings: PodSettings = {},
  {
    state = emptyState(),
    now = NOON,
    excluded = {},
  }: { state?: PodState; now?: number; excluded?: Record<string, string> } = {},
) {
  const { eligibility, reason, until } = judge(rep, { state, settings, now }, excluded);
  return { eligibility, reason, until };
}

afterEach(() => vi.restoreAllMocks());

describe("a member", () => {
  it("with nothing in the way is eligible, and nothing ends", () => {
    expect(ask(bo())).toEqual({
      eligibility: "eligible",
      reason: "has 0 leads today",
      until: null,
    });
    expect(ask(bo(), { dailyCap: 16 }, { state: with15 })).toEqual({
      eligibility: "eligible",
      reason: "has 15 of 16 leads today",
      until: null,
    });
  });

  it("at their daily cap is so until their next day", () => {
    expect(ask(bo(), { dailyCap: 15 }, { state: with15 })).toEqual({
      eligibility: "at_daily_cap",
      reason: "has 15 of 15 leads today, until 2026-12-02 00:00 Europe/Berlin",
      until: MIDNIGHT,
    });
    expect(ask(bo(), { dailyCap: 15 }, { state: with15, now: MIDNIGHT })).toMatchObject({
      eligibility: "eligible",
    });
  });

  it("whose cap is 0 is at it tomorrow as well", () => {
    expect(ask(bo({ dailyCap: 0 }))).toEqual({
      eligibility: "at_daily_cap",
      reason: "has 0 of 0 leads today",
      until: null,
    });
    expect(ask(bo({ ownDailyCap: 0 }))).toMatchObject({
      eligibility: "at_own_daily_cap",
      until: null,
    });
  });

  it("at their own cap, by the pod's count or by D1's, is so until their next day", () => {
    const full = having({ full: { bo: "2026-12-01" } });
    for (const [ownDailyCap, state] of [
      [15, with15],
      [20, full],
    ] as const) {
      expect(ask(bo({ ownDailyCap }), {}, { state })).toEqual({
        eligibility: "at_own_daily_cap",
        reason: `has reached their own cap of ${ownDailyCap} leads a day, until 2026-12-02 00:00 Europe/Berlin`,
        until: MIDNIGHT,
      });
      expect(ask(bo({ ownDailyCap }), {}, { state, now: MIDNIGHT })).toMatchObject({
        eligibility: "eligible",
      });
    }
  });

  it("at a cap waits 23 hours or 25 where their day has as many", () => {
    for (const [date, hours] of [
      ["2026-03-29", 23],
      ["2026-10-25", 25],
    ] as const) {
      const now = berlin(`${date}T00:00`);
      const state = having({ days: { bo: { [date]: 3 } } });
      expect(ask(bo(), { dailyCap: 3 }, { state, now }).until).toBe(now + hours * 3_600_000);
    }
  });

  it("at their cap of open leads is so until somebody closes one, and nobody knows when", () => {
    expect(ask(bo(), { openCap: 15 }, { state: with15 })).toEqual({
      eligibility: "at_open_cap",
      reason: "has 15 of 15 open leads",
      until: null,
    });
  });

  it("who changes zone has a new day and a new midnight at once", () => {
    const now = berlin("2026-12-01T23:00");
    const moved = bo({ timeZone: "Pacific/Apia" });
    expect(ask(bo(), { dailyCap: 15 }, { state: with15, now })).toMatchObject({
      eligibility: "at_daily_cap",
    });
    expect(ask(moved, { dailyCap: 15 }, { state: with15, now })).toMatchObject({
      eligibility: "eligible",
    });
    const state = having({ days: { bo: { "2026-12-02": 15 } } });
    expect(ask(moved, { dailyCap: 15 }, { state, now }).until).toBe(
      at("2026-12-03T00:00[Pacific/Apia]"),
    );
  });

  it("who is kept by several things is told the first: excluded, away, holiday, daily cap, own cap, open cap", () => {
    const settings: PodSettings = { dailyCap: 15, openCap: 15, holidays: ["2026-12-01"] };
    const state = { ...with15, full: { bo: "2026-12-01" } };
    const absences = [{ from: 0, until: MIDNIGHT }];
    const workingHours: WorkingHours = { mon: [["09:00", "17:00"]] };
    const all = bo({ active: false, absences, workingHours, ownDailyCap: 15 });
    const verdicts = [
      ask(all, settings, { state, excluded: { bo: "has passed on it" } }),
      ask(all, settings, { state }),
      ask({ ...all, active: true }, settings, { state }),
      ask({ ...all, active: true, absences: [] }, settings, { state }),
      ask(bo({ ownDailyCap: 15 }), settings, { state }),
      ask(bo({ ownDailyCap: 15 }), { dailyCap: 15, openCap: 15 }, { state }),
      ask(bo({ ownDailyCap: 15 }), { openCap: 15 }, { state }),
      ask(bo(), { openCap: 15 }, { state }),
      ask(bo(), {}, { state }),
    ];
    expect(verdicts.map(({ eligibility }) => eligibility)).toEqual([
      "excluded",
      "inactive",
      "absent",
      "off_hours",
      "holiday",
      "at_daily_cap",
      "at_own_daily_cap",
      "at_open_cap",
      "eligible",
    ]);
    expect(verdicts[0]).toEqual({
      eligibility: "excluded",
      reason: "has passed on it",
      until: null,
    });
    expect(verdicts[1]).toMatchObject({ reason: "is deactivated", until: null });
    expect(verdicts[3]).toMatchObject({
      reason: "is off hours until 2026-12-07 09:00 Europe/Berlin",
      until: berlin("2026-12-07T09:00"),
    });
  });
});

describe("a holiday of the pod", () => {
  const settings: PodSettings = {
    holidays: ["2026-12-26", "2027-01-01", "2026-12-25", "2026-12-31"],
  };

  it("lasts the rep's own day, and days in a row are one", () => {
    const holiday = {
      eligibility: "holiday",
      reason: "has a holiday until 2026-12-27 00:00 Europe/Berlin",
      until: berlin("2026-12-27T00:00"),
    };
    expect(ask(bo(), settings, { now: berlin("2026-12-24T23:59") })).toMatchObject({
      eligibility: "eligible",
    });
    expect(ask(bo(), settings, { now: berlin("2026-12-25T00:00") })).toEqual(holiday);
    expect(ask(bo(), settings, { now: berlin("2026-12-26T23:59") })).toEqual(holiday);
    expect(ask(bo(), settings, { now: berlin("2026-12-27T00:00") })).toMatchObject({
      eligibility: "eligible",
    });
  });

  it("runs on over the end of a month and a year", () => {
    expect(ask(bo(), settings, { now: berlin("2026-12-31T12:00") }).until).toBe(
      berlin("2027-01-02T00:00"),
    );
  });

  it("is a holiday in one zone and not in another at the same instant", () => {
    const now = Date.UTC(2026, 11, 24, 23, 30);
    const verdict = (timeZone: string) => ask(bo({ timeZone }), settings, { now });
    expect(verdict("Europe/Berlin").eligibility).toBe("holiday");
    expect(verdict("America/Sao_Paulo").eligibility).toBe("eligible");
    expect(verdict("Asia/Kolkata")).toMatchObject({
      eligibility: "holiday",
      until: at("2026-12-27T00:00[Asia/Kolkata]"),
    });
    expect(verdict("Pacific/Apia")).toMatchObject({ until: at("2026-12-27T00:00[Pacific/Apia]") });
  });

  it("of one pod is none of another's", () => {
    const now = berlin("2026-12-25T12:00");
    expect(ask(bo(), { holidays: ["2026-12-25"] }, { now }).until).toBe(berlin("2026-12-26T00:00"));
    expect(ask(bo(), settings, { now }).until).toBe(berlin("2026-12-27T00:00"));
    expect(ask(bo(), {}, { now }).eligibility).toBe("eligible");
  });
});

it("asks no calendar again for what it was just told: a claim of 100 leads asks 1,000 members", () => {
  const week: WorkingHours = { mon: [["09:00", "17:00"]] };
  const settings: PodSettings = { dailyCap: 15, holidays: ["2026-12-02"] };
  const kept: readonly RosterMember[] = [
    bo({ workingHours: week }),
    bo({ absences: [{ from: 0, until: MIDNIGHT }], workingHours: week }),
    bo({ timeZone: "Pacific/Apia" }), // has the holiday already
    bo(), // at the daily cap
    bo({ dailyCap: 20, ownDailyCap: 15 }),
    bo({ dailyCap: 20 }),
  ];
  const judgeAll = (now: number) => kept.map((rep) => ask(rep, settings, { state: with15, now }));
  const first = judgeAll(NOON);
  expect(new Set(first.map(({ eligibility }) => eligibility)).size).toBe(kept.length);

  const calls = [
    vi.spyOn(Temporal.Instant, "fromEpochMilliseconds"),
    vi.spyOn(Temporal.PlainDate, "from"),
    vi.spyOn(Temporal.PlainDate.prototype, "toPlainDateTime"),
  ];
  expect(judgeAll(NOON + 1)).toEqual(first);
  for (const call of calls) expect(call).not.toHaveBeenCalled();
  judgeAll(MIDNIGHT);
  expect(calls[0]).toHaveBeenCalled();
});
