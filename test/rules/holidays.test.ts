import { describe, expect, test } from "vitest";
import { chain, fallback, pod, type PodSettings } from "lead-router";

const load = (holidays: unknown) => () => pod("dach", { holidays } as PodSettings);
const version = (settings: PodSettings) => chain(fallback(pod("dach", settings))).version;

describe("holidays of a pod", () => {
  test("are kept as they were written", () => {
    const settings: PodSettings = { holidays: ["2026-12-25", "2026-12-26", "2028-02-29"] };
    expect(pod("dach", settings).settings).toEqual(settings);
  });

  test.each([
    "2026-02-30",
    "2027-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-12-00",
    "26-12-25",
    "2026-12-25T00:00",
    "1e3-12-25",
    20261225,
    null,
  ])("refuse %j when the rules load, naming the pod and the date", (date) => {
    expect(load(["2026-12-24", date])).toThrow(
      `pod "dach": the holiday ${JSON.stringify(date)} is no date of the calendar`,
    );
  });

  test("refuse a date that is listed twice", () => {
    expect(load(["2026-12-25", "2026-12-26", "2026-12-25"])).toThrow(
      'pod "dach": the holiday 2026-12-25 is listed twice',
    );
  });

  test.each(["2026-12-25", null, { date: "2026-12-25" }])("refuse %j for a list", (holidays) => {
    expect(load(holidays)).toThrow('pod "dach": "holidays" must be a list of dates');
  });

  test("do not compile where month or day cannot be", () => {
    const settings: PodSettings[] = [
      // @ts-expect-error there is no 13th month
      { holidays: ["2026-13-01"] },
      // @ts-expect-error no month has 32 days
      { holidays: ["2026-12-32"] },
      // @ts-expect-error two digits each
      { holidays: ["2026-1-1"] },
      // @ts-expect-error a list, not a date
      { holidays: "2026-12-25" },
    ];
    for (const each of settings) expect(() => pod("dach", each)).toThrow('pod "dach"');
  });

  test("are part of what the rules mean: another date is another chain version", () => {
    const versions = [
      version({}),
      version({ holidays: ["2026-12-25"] }),
      version({ holidays: ["2026-12-26"] }),
      version({ holidays: ["2026-12-25", "2026-12-26"] }),
    ];
    expect(new Set(versions).size).toBe(versions.length);
  });
});
