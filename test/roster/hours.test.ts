import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { findStretch } from "../../src/roster/availability.ts";
import { WEEKDAYS, type HoursSpan, type WorkingHours } from "../../src/ports/roster.ts";

const MINUTE = 60_000;
const BERLIN = "Europe/Berlin";
const at = (zoned: string) => Temporal.ZonedDateTime.from(zoned).epochMilliseconds;

/** Local times, "HH:MM" with offset, at which these hours open and close from the start of one local date to its end. */
function changesOn(date: string, zone: string, hours: WorkingHours): string[] {
  const start = Temporal.PlainDate.from(date).toZonedDateTime(zone);
  const end = start.add({ days: 1 }).startOfDay().epochMilliseconds;
  const changes: string[] = [];
  let was = findStretch(zone, hours, start.epochMilliseconds - MINUTE).open;
  for (let instant = start.epochMilliseconds; instant < end; instant += MINUTE) {
    const { open } = findStretch(zone, hours, instant);
    if (open === was) continue;
    was = open;
    const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone);
    changes.push(`${open ? "open" : "shut"} ${local.toString().slice(11, 16)}${local.offset}`);
  }
  return changes;
}

const daily = (...spans: HoursSpan[]): WorkingHours =>
  Object.fromEntries(WEEKDAYS.map((day) => [day, spans]));

describe("working hours", () => {
  it("hold from the first instant to before the last, in the rep's own zone", () => {
    const hours: WorkingHours = { tue: [["09:00", "17:00"]] };
    expect(changesOn("2026-12-01", BERLIN, hours)).toEqual([
      "open 09:00+01:00",
      "shut 17:00+01:00",
    ]);
    const opens = at("2026-12-01T09:00[Europe/Berlin]");
    const closes = at("2026-12-01T17:00[Europe/Berlin]");
    expect(findStretch(BERLIN, hours, opens - 1)).toMatchObject({ open: false, until: opens });
    expect(findStretch(BERLIN, hours, opens)).toEqual({ open: true, from: opens, until: closes });
    expect(findStretch(BERLIN, hours, closes - 1)).toMatchObject({ open: true, until: closes });
    expect(findStretch(BERLIN, hours, closes)).toMatchObject({
      open: false,
      until: at("2026-12-08T09:00[Europe/Berlin]"),
    });
  });

  it("may be several spans a day, in whatever order they were written", () => {
    const hours = daily(["14:00", "18:00"], ["20:00", "21:30"], ["08:30", "12:00"]);
    expect(changesOn("2026-12-01", "Asia/Kolkata", hours)).toEqual([
      "open 08:30+05:30",
      "shut 12:00+05:30",
      "open 14:00+05:30",
      "shut 18:00+05:30",
      "open 20:00+05:30",
      "shut 21:30+05:30",
    ]);
  });

  it("run over midnight into a day that has none of its own, and over the end of the week", () => {
    const hours: WorkingHours = { sun: [["22:00", "06:00"]] };
    expect(changesOn("2026-11-29", BERLIN, hours)).toEqual(["open 22:00+01:00"]);
    expect(changesOn("2026-11-30", BERLIN, hours)).toEqual(["shut 06:00+01:00"]);
    expect(changesOn("2026-12-01", BERLIN, hours)).toEqual([]);
  });

  it("that overlap with what runs over from the day before hold while either does", () => {
    const hours: WorkingHours = { mon: [["20:00", "10:00"]], tue: [["08:00", "09:00"]] };
    expect(changesOn("2026-12-01", BERLIN, hours)).toEqual(["shut 10:00+01:00"]);
  });

  it("up to 24:00 touch those of the next day from 00:00", () => {
    expect(changesOn("2026-12-01", BERLIN, daily(["00:00", "24:00"]))).toEqual([]);
    expect(findStretch(BERLIN, daily(["00:00", "24:00"]), 0).open).toBe(true);
    expect(changesOn("2026-12-01", BERLIN, { tue: [["18:00", "24:00"]] })).toEqual([
      "open 18:00+01:00",
    ]);
    expect(changesOn("2026-12-02", BERLIN, { tue: [["18:00", "24:00"]] })).toEqual([
      "shut 00:00+01:00",
    ]);
  });

  it("that name no time never hold", () => {
    for (const hours of [{}, { mon: [] }, { mon: [], sun: [] }])
      expect(findStretch(BERLIN, hours, 0)).toMatchObject({ open: false, until: null });
  });

  it("keep the local times of a zone without summer time the year round", () => {
    for (const zone of ["America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia"]) {
      for (const date of ["2026-01-15", "2026-03-29", "2026-07-15", "2026-10-25"]) {
        const times = changesOn(date, zone, daily(["09:00", "17:00"])).map((each) =>
          each.slice(0, 10),
        );
        expect(times).toEqual(["open 09:00", "shut 17:00"]);
      }
    }
  });
});

describe("when clocks go forward", () => {
  const date = "2026-03-29"; // Berlin: from 02:00+01:00 to 03:00+02:00

  it("hours keep their local times, and a night is an hour shorter", () => {
    expect(changesOn(date, BERLIN, daily(["09:00", "17:00"]))).toEqual([
      "open 09:00+02:00",
      "shut 17:00+02:00",
    ]);
    const night = findStretch(
      BERLIN,
      { sat: [["22:00", "06:00"]] },
      at("2026-03-29T00:00[Europe/Berlin]"),
    );
    expect((night.until ?? 0) - night.from).toBe(7 * 60 * MINUTE);
  });

  it("a span that begins in the skipped hour begins when the hour is skipped", () => {
    expect(changesOn(date, BERLIN, { sun: [["02:30", "03:30"]] })).toEqual([
      "open 03:00+02:00",
      "shut 03:30+02:00",
    ]);
    expect(changesOn(date, BERLIN, { sun: [["01:30", "02:30"]] })).toEqual([
      "open 01:30+01:00",
      "shut 03:00+02:00",
    ]);
  });

  it("a span within the skipped hour comes again a week later", () => {
    const hours: WorkingHours = { sun: [["02:10", "02:50"]] };
    expect(changesOn(date, BERLIN, hours)).toEqual([]);
    expect(findStretch(BERLIN, hours, at("2026-03-22T02:50[Europe/Berlin]"))).toMatchObject({
      open: false,
      until: at("2026-04-05T02:10[Europe/Berlin]"),
    });
  });
});

describe("when clocks go back", () => {
  const date = "2026-10-25"; // Berlin: from 03:00+02:00 to 02:00+01:00

  it("hours keep their local times, and a night is an hour longer", () => {
    expect(changesOn(date, BERLIN, daily(["09:00", "17:00"]))).toEqual([
      "open 09:00+01:00",
      "shut 17:00+01:00",
    ]);
    const night = findStretch(
      BERLIN,
      { sat: [["22:00", "06:00"]] },
      at("2026-10-25T00:00[Europe/Berlin]"),
    );
    expect((night.until ?? 0) - night.from).toBe(9 * 60 * MINUTE);
  });

  it("a time that comes twice counts the first time: spans that touch still touch", () => {
    expect(changesOn(date, BERLIN, { sun: [["02:30", "03:30"]] })).toEqual([
      "open 02:30+02:00",
      "shut 03:30+01:00",
    ]);
    expect(changesOn(date, BERLIN, { sun: [["01:00", "02:30"]] })).toEqual([
      "open 01:00+02:00",
      "shut 02:30+02:00",
    ]);
    expect(
      changesOn(date, BERLIN, {
        sun: [
          ["01:00", "02:30"],
          ["02:30", "04:00"],
        ],
      }),
    ).toEqual(["open 01:00+02:00", "shut 04:00+01:00"]);
  });
});
