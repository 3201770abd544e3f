import { expect, it } from "vitest";
import { ALERTS } from "../../../src/ops/alerts/alert.ts";
import { COUNT_LIMIT } from "../../../src/record/dead-letters.ts";
import { readLimits } from "../../../src/ops/alerts/measure.ts";

function read(settings: Readonly<Record<string, string>>) {
  const logged: unknown[] = [];
  const limits = readLimits({
    secret: (name) => settings[name] ?? null,
    log: (level, event, detail) => logged.push([level, event, detail?.setting]),
  });
  return { limits: Object.fromEntries(limits), logged };
}

const DEFAULTS = {
  time_to_assignment: 60,
  unassigned_share: 0.2,
  dead_letters: 1,
  oldest_pending: 300,
};

it("has a limit for everything where nothing is set", () => {
  expect(read({})).toEqual({ limits: DEFAULTS, logged: [] });
});

it("takes each limit from its variable; off turns it off", () => {
  const settings = {
    ALERT_P95_SECONDS: "2.5",
    ALERT_UNASSIGNED_SHARE: "0.5",
    ALERT_DEAD_LETTERS: "10",
    ALERT_PENDING_SECONDS: " OFF ",
  };
  expect(read(settings)).toEqual({
    limits: {
      time_to_assignment: 2.5,
      unassigned_share: 0.5,
      dead_letters: 10,
      oldest_pending: null,
    },
    logged: [],
  });
});

it.each(["0", "-1", "1e3", "ten", "20 %", "1,5", "Infinity", "99999999999999999999"])(
  "says that %j is no limit, and keeps to the default",
  (value) => {
    for (const { variable } of ALERTS)
      expect(read({ [variable]: value })).toEqual({
        limits: DEFAULTS,
        logged: [["error", "alert_limit_unreadable", variable]],
      });
  },
);

it("refuses a limit that no value ever reaches", () => {
  expect(read({ ALERT_UNASSIGNED_SHARE: "20" }).limits).toEqual(DEFAULTS);
  expect(read({ ALERT_DEAD_LETTERS: String(COUNT_LIMIT + 1) }).limits).toEqual(DEFAULTS);
  expect(read({ ALERT_DEAD_LETTERS: String(COUNT_LIMIT) }).limits.dead_letters).toBe(COUNT_LIMIT);
});
