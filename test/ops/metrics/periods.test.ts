import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { BUCKET_MS } from "../../../src/record/rollups.ts";
import { daysOf, periodsOf } from "../../../src/ops/metrics/collect.ts";

const at = (instant: string) => Temporal.Instant.from(instant).epochMilliseconds;

/** How many quarter-hours of a range fall on each date. */
function quartersByDay(zone: string, from: string, to: string): Record<string, number> {
  const range = { from: at(from), to: at(to) };
  const dayOf = daysOf(zone, range);
  const quarters: Record<string, number> = {};
  for (let bucket = range.from; bucket < range.to; bucket += BUCKET_MS) {
    const { date } = dayOf(bucket);
    quarters[date] = (quarters[date] ?? 0) + 1;
  }
  return quarters;
}

describe("the quarter-hours of a range, by the days of a zone", () => {
  it.each([
    ["Asia/Kolkata", "2026-11-21T18:30:00Z"],
    ["Asia/Kathmandu", "2026-11-21T18:15:00Z"],
    ["Australia/Adelaide", "2026-11-21T13:30:00Z"],
    ["Pacific/Kiritimati", "2026-11-21T10:00:00Z"],
  ])("begin in %s when its clocks say midnight", (zone, midnight) => {
    const dayOf = daysOf(zone, {
      from: at("2026-11-21T00:00:00Z"),
      to: at("2026-11-22T00:00:00Z"),
    });
    expect(dayOf(at(midnight) - BUCKET_MS).date).toBe("2026-11-21");
    expect(dayOf(at(midnight)).date).toBe("2026-11-22");
  });

  it("are 92 on the day clocks go forward and 100 on the day they go back", () => {
    expect(quartersByDay("Europe/Berlin", "2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z")).toEqual({
      "2026-03-28": 96,
      "2026-03-29": 92,
      "2026-03-30": 96,
    });
    expect(quartersByDay("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z")).toEqual({
      "2026-10-25": 100,
      "2026-10-26": 96,
    });
  });

  it("go by half an hour where clocks do", () => {
    expect(
      quartersByDay("Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
    ).toEqual({ "2026-10-04": 94 });
  });

  it("agree with Temporal, instant by instant", () => {
    for (const zone of ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]) {
      const range = { from: at("2026-10-20T07:15:00Z"), to: at("2026-11-05T19:45:00Z") };
      const dayOf = daysOf(zone, range);
      for (let bucket = range.from; bucket < range.to; bucket += BUCKET_MS) {
        const local = Temporal.Instant.fromEpochMilliseconds(bucket).toZonedDateTimeISO(zone);
        expect(dayOf(bucket).date).toBe(local.toPlainDate().toString());
      }
    }
  });
});

describe("the hours of a zone", () => {
  it("begin on its own half-hour", () => {
    const range = { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-22T00:00:00Z") };
    const hourOf = periodsOf("hour", "Asia/Kolkata", range);
    expect(hourOf(at("2026-11-21T09:15:00Z"))).toBe(at("2026-11-21T08:30:00Z"));
    expect(hourOf(at("2026-11-21T09:30:00Z"))).toBe(at("2026-11-21T09:30:00Z"));
  });

  it("are told apart when clocks show one of them twice", () => {
    const range = { from: at("2026-10-24T22:00:00Z"), to: at("2026-10-25T23:00:00Z") };
    const hourOf = periodsOf("hour", "Europe/Berlin", range);
    expect(hourOf(at("2026-10-25T00:30:00Z"))).toBe(at("2026-10-25T00:00:00Z"));
    expect(hourOf(at("2026-10-25T01:30:00Z"))).toBe(at("2026-10-25T01:00:00Z"));
  });
});
