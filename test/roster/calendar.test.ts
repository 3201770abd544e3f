import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { findInstant, localDay, localTime, startOfNextDay } from "../../src/roster/calendar.ts";

const HOUR = 3_600_000;
const at = (zoned: string) => Temporal.ZonedDateTime.from(zoned).epochMilliseconds;
const reached = (zone: string, date: string, time: string) =>
  findInstant(zone, Temporal.PlainDate.from(date), time);

describe("a rep's local day", () => {
  it.each([
    ["Europe/Berlin", "2026-03-29", 23],
    ["Europe/Berlin", "2026-10-25", 25],
    ["Australia/Lord_Howe", "2026-10-04", 23.5],
    ["Australia/Lord_Howe", "2026-04-05", 24.5],
    ["America/Santiago", "2026-09-06", 23], // clocks skip its midnight
    ["America/Santiago", "2026-04-04", 25], // clocks show its last hour twice
    ["America/Sao_Paulo", "2026-10-25", 24],
    ["Asia/Kolkata", "2026-03-29", 24],
    ["Pacific/Apia", "2026-03-29", 24],
  ])(
    "in %s on %s has %d hours, and is one day from its first to its last instant",
    (zone, day, hours) => {
      const start = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
      const next = startOfNextDay(zone, start);
      expect(next - start).toBe(hours * HOUR);
      for (const instant of [start, start + HOUR, next - HOUR, next - 1]) {
        expect(localDay(zone, instant)).toBe(day);
        expect(startOfNextDay(zone, instant)).toBe(next);
      }
      expect(localDay(zone, start - 1)).not.toBe(day);
      expect(localDay(zone, next)).not.toBe(day);
    },
  );

  it("is followed by the day after next where the calendar skips one", () => {
    const lastOfThursday = at("2011-12-29T23:59[Pacific/Apia]");
    const next = startOfNextDay("Pacific/Apia", lastOfThursday);
    expect(next).toBe(lastOfThursday + 60_000);
    expect(localDay("Pacific/Apia", next)).toBe("2011-12-31");
  });

  it("differs between zones at one instant", () => {
    const instant = Date.UTC(2026, 11, 24, 23, 30);
    expect(localDay("Europe/Berlin", instant)).toBe("2026-12-25");
    expect(localDay("America/Sao_Paulo", instant)).toBe("2026-12-24");
    expect(localDay("Pacific/Apia", instant)).toBe("2026-12-25");
  });

  it("of an unknown zone is refused", () => {
    expect(() => localDay("Mars/Olympus", 0)).toThrow(RangeError);
    expect(() => startOfNextDay("Mars/Olympus", 0)).toThrow(RangeError);
  });
});

describe("the instant at which clocks reach a time", () => {
  it("is the time itself on a plain day", () => {
    expect(reached("Asia/Kolkata", "2026-03-29", "09:00")).toBe(Date.UTC(2026, 2, 29, 3, 30));
  });

  it("is the change of clocks for each time that it skips", () => {
    const change = Date.UTC(2026, 2, 29, 1);
    for (const time of ["02:00", "02:01", "02:30", "02:59", "03:00"])
      expect(reached("Europe/Berlin", "2026-03-29", time)).toBe(change);
    expect(reached("Europe/Berlin", "2026-03-29", "01:59")).toBe(change - 60_000);
    expect(reached("Europe/Berlin", "2026-03-29", "03:01")).toBe(change + 60_000);
  });

  it("is the first of two for a time that clocks show twice", () => {
    expect(reached("Europe/Berlin", "2026-10-25", "02:30")).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(reached("Europe/Berlin", "2026-10-25", "03:00")).toBe(Date.UTC(2026, 9, 25, 2));
  });

  it("is the next day's start on a day that the calendar skips", () => {
    const start = at("2011-12-31T00:00[Pacific/Apia]");
    expect(reached("Pacific/Apia", "2011-12-30", "00:00")).toBe(start);
    expect(reached("Pacific/Apia", "2011-12-30", "17:00")).toBe(start);
  });
});

describe("an instant in words", () => {
  it("is to the minute, by the zone's own clocks, the second time as the first", () => {
    const instant = Date.UTC(2026, 11, 1, 8, 0, 59, 999);
    for (let time = 0; time < 2; time++) {
      expect(localTime("Europe/Berlin", instant)).toBe("2026-12-01 09:00 Europe/Berlin");
      expect(localTime("Asia/Kolkata", instant)).toBe("2026-12-01 13:30 Asia/Kolkata");
    }
  });

  it("stays right when more instants were asked for than are remembered", () => {
    for (let minute = 0; minute < 2500; minute++) {
      const instant = Date.UTC(2026, 0, 1) + minute * 60_000;
      const clock = new Date(instant).toISOString().slice(0, 16).replace("T", " ");
      expect(localTime("UTC", instant)).toBe(`${clock} UTC`);
    }
  });
});
