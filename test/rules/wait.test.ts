import { describe, expect, it } from "vitest";
import { pod } from "../../src/rules/index.ts";
import { waitLimitMs, type WaitSettings } from "../../src/rules/pod.ts";

const MINUTE = 60_000;

/** Settings as JavaScript would pass them: past the types. */
function settings(value: object): WaitSettings {
  return JSON.parse(JSON.stringify(value)) as WaitSettings;
}

describe("how long a pod keeps a lead in line", () => {
  it("adds the units up", () => {
    const waitAtMost = { days: 1, hours: 2, minutes: 3 };
    expect(waitLimitMs({ whenNobody: "wait", waitAtMost })).toBe((26 * 60 + 3) * MINUTE);
  });

  it("is not at all, unless the pod says so", () => {
    expect(waitLimitMs({})).toBeNull();
    expect(waitLimitMs({ whenNobody: "next" })).toBeNull();
  });

  it.each([
    [{ whenNobody: "later" }, `pod "dach": "whenNobody" must be "next" or "wait", not "later"`],
    [
      { whenNobody: "wait" },
      `pod "dach": whenNobody: "wait" needs "waitAtMost", such as { minutes: 30 }`,
    ],
    [{ waitAtMost: { minutes: 1 } }, `pod "dach": "waitAtMost" goes with whenNobody: "wait"`],
    [
      { whenNobody: "wait", waitAtMost: { weeks: 1 } },
      `pod "dach": "waitAtMost" takes days, hours and minutes, not "weeks"`,
    ],
    [
      { whenNobody: "wait", waitAtMost: { minutes: 1.5 } },
      `pod "dach": "waitAtMost": minutes must be a whole number, 0 or more, not 1.5`,
    ],
    [
      { whenNobody: "wait", waitAtMost: {} },
      `pod "dach": "waitAtMost" must be longer than nothing`,
    ],
    [
      { whenNobody: "wait", waitAtMost: { days: 15 } },
      `pod "dach": "waitAtMost" must be 14 days at most`,
    ],
  ])("%j is refused by name", (value, message) => {
    expect(() => pod("dach", settings(value))).toThrow(message);
  });
});
