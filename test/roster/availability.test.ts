import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { accountFromRow, accountsOfLeads } from "../../src/roster/matched-accounts.ts";
import { putAbsence } from "../../src/roster/absences.ts";
import { putAccount } from "../../src/roster/accounts.ts";
import { findUnavailability } from "../../src/roster/availability.ts";
import { type Presence } from "../../src/ports/roster.ts";
import { putMember } from "../../src/roster/members.ts";
import { putRep } from "../../src/roster/reps.ts";
import { WEEKDAYS, type HoursSpan, type WorkingHours } from "../../src/ports/roster.ts";
import { rows } from "../../src/lib/query.ts";
import { BO, NOW, openWorld } from "./roster-world.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const berlin = (local: string) =>
  Temporal.PlainDateTime.from(local).toZonedDateTime("Europe/Berlin").epochMilliseconds;
const away = (from: string, until: string) => ({ from: berlin(from), until: berlin(until) });

const office: WorkingHours = Object.fromEntries(
  WEEKDAYS.slice(0, 5).map((day) => [day, [["09:00", "17:00"]] satisfies HoursSpan[]]),
);

function rep(about: Partial<Presence> = {}): Presence {
  return { active: true, timeZone: "Europe/Berlin", workingHours: null, absences: [], ...about };
}

describe("a rep", () => {
  it("without hours is there at any hour", () => {
    for (let hour = 0; hour < 7 * 24; hour++)
      expect(findUnavailability(rep(), NOW + hour * 60 * MINUTE)).toBeNull();
  });

  it("is away from the first instant of an absence to before the last", () => {
    const bo = rep({ absences: [away("2026-11-24T12:00", "2026-12-01T09:00")] });
    const [from, until] = [berlin("2026-11-24T12:00"), berlin("2026-12-01T09:00")];
    const absent = {
      kind: "absent",
      reason: "is away until 2026-12-01 09:00 Europe/Berlin",
      until,
    };
    expect(findUnavailability(bo, from - 1)).toBeNull();
    expect(findUnavailability(bo, from)).toEqual(absent);
    expect(findUnavailability(bo, until - 1)).toEqual(absent);
    expect(findUnavailability(bo, until)).toBeNull();
  });

  it("is back when the last of overlapping or touching absences ends, not at a gap's far side", () => {
    const bo = rep({
      absences: [
        away("2026-12-03T00:00", "2026-12-04T00:00"),
        away("2026-11-30T00:00", "2026-12-02T00:00"),
        away("2026-11-24T00:00", "2026-12-01T00:00"),
        away("2026-12-02T00:00", "2026-12-02T18:00"),
      ],
    });
    expect(findUnavailability(bo, berlin("2026-11-25T00:00"))).toMatchObject({
      until: berlin("2026-12-02T18:00"),
    });
  });

  it("is off hours until the next ones begin", () => {
    const bo = rep({ workingHours: office });
    expect(findUnavailability(bo, berlin("2026-11-27T16:59"))).toBeNull();
    expect(findUnavailability(bo, berlin("2026-11-27T17:00"))).toEqual({
      kind: "off_hours",
      reason: "is off hours until 2026-11-30 09:00 Europe/Berlin",
      until: berlin("2026-11-30T09:00"),
    });
  });

  it("whose absence ends at night is back when hours begin", () => {
    const bo = rep({
      workingHours: office,
      absences: [away("2026-11-26T12:00", "2026-11-30T00:00")],
    });
    const until = berlin("2026-11-30T09:00");
    const reason = "is away until 2026-11-30 09:00 Europe/Berlin";
    expect(findUnavailability(bo, berlin("2026-11-27T10:00"))).toEqual({
      kind: "absent",
      reason,
      until,
    });
    expect(findUnavailability(bo, berlin("2026-11-30T00:00"))).toMatchObject({
      kind: "off_hours",
      until,
    });
    expect(findUnavailability(bo, until)).toBeNull();
  });

  it("who is off hours and away before the next ones is back after both", () => {
    const bo = rep({
      workingHours: office,
      absences: [
        away("2026-11-28T00:00", "2026-12-02T12:00"),
        away("2026-12-03T00:00", "2026-12-04T00:00"),
      ],
    });
    expect(findUnavailability(bo, berlin("2026-11-27T18:00"))).toEqual({
      kind: "off_hours",
      reason: "is off hours until 2026-12-02 12:00 Europe/Berlin",
      until: berlin("2026-12-02T12:00"),
    });
  });

  it("whose every hour is covered by another absence is back after the last of them", () => {
    const absences = [30, 31, 32, 33, 34].map((day) => {
      const date = Temporal.PlainDate.from("2026-11-01").add({ days: day - 1 });
      return away(`${date}T08:00`, `${date}T18:00`);
    });
    const bo = rep({ workingHours: office, absences });
    expect(findUnavailability(bo, berlin("2026-11-28T12:00"))).toMatchObject({
      kind: "off_hours",
      until: berlin("2026-12-07T09:00"),
    });
  });

  it("with hours that name no time is never there, and nobody can say until when", () => {
    const bo = rep({
      workingHours: { mon: [] },
      absences: [away("2026-11-24T00:00", "2026-11-25T00:00")],
    });
    expect(findUnavailability(bo, berlin("2026-11-24T12:00"))).toEqual({
      kind: "absent",
      reason: "is away and has no working hours",
      until: null,
    });
    expect(findUnavailability(bo, berlin("2026-11-25T12:00"))).toEqual({
      kind: "off_hours",
      reason: "has no working hours",
      until: null,
    });
  });

  it("who is deactivated is that before all else", () => {
    const bo = rep({ active: false, workingHours: {}, absences: [{ from: 0, until: NOW + DAY }] });
    expect(findUnavailability(bo, NOW)).toEqual({
      kind: "inactive",
      reason: "is deactivated",
      until: null,
    });
  });

  it("keeps hours of the own zone: the same instant, one is there and another is not", () => {
    const instant = Date.UTC(2026, 10, 24, 8, 30);
    const there = (timeZone: string) =>
      findUnavailability(rep({ timeZone, workingHours: office }), instant);
    expect(there("Europe/Berlin")).toBeNull();
    expect(there("Asia/Kolkata")).toBeNull();
    expect(there("America/Sao_Paulo")).toMatchObject({
      reason: "is off hours until 2026-11-24 09:00 America/Sao_Paulo",
    });
    expect(there("Pacific/Apia")).toMatchObject({
      reason: "is off hours until 2026-11-25 09:00 Pacific/Apia",
    });
  });
});

const timeOfDay = fc
  .integer({ min: 0, max: 95 })
  .map(
    (quarter) =>
      `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`,
  );
const spans = fc.array(fc.tuple(timeOfDay, timeOfDay), { maxLength: 2 });
const someHours = fc.option(
  fc
    .tuple(...WEEKDAYS.map(() => spans))
    .map((days): WorkingHours =>
      Object.fromEntries(WEEKDAYS.map((day, at) => [day, days[at] ?? []])),
    ),
);
// Around the changes of clocks, and a plain week.
const someInstant = fc
  .tuple(
    fc.constantFrom(Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25), Date.UTC(2026, 6, 1)),
    fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }),
  )
  .map(([day, minutes]) => day + minutes * MINUTE);
const somePresence = fc.record({
  timeZone: fc.constantFrom(
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Australia/Lord_Howe",
  ),
  workingHours: someHours,
  now: someInstant,
  offsets: fc.array(
    fc.tuple(fc.integer({ min: -3000, max: 5000 }), fc.integer({ min: 1, max: 4000 })),
    { maxLength: 4 },
  ),
});

describe("whatever the hours and absences", () => {
  it("`until` is the first instant at which the rep is there", () => {
    fc.assert(
      fc.property(somePresence, ({ timeZone, workingHours, now, offsets }) => {
        const absences = offsets.map(([start, length]) => ({
          from: now + start * MINUTE,
          until: now + (start + length) * MINUTE,
        }));
        const bo = rep({ timeZone, workingHours, absences });
        const absent = findUnavailability(bo, now);
        if (!absent) return;
        const { until } = absent;
        const last = until ?? now + 20 * DAY;
        if (until !== null) expect(findUnavailability({ ...bo }, until)).toBeNull();
        // Each minute near both ends, and in between as many as take little time.
        const step = Math.max(MINUTE, Math.floor((last - now) / 100 / MINUTE) * MINUTE);
        for (let instant = now; instant < last; instant += step)
          expect(findUnavailability({ ...bo }, instant)?.until).toBe(until);
        for (let minute = 1; minute <= 30 && last - minute * MINUTE > now; minute++)
          expect(findUnavailability({ ...bo }, last - minute * MINUTE)?.until).toBe(until);
      }),
      { numRuns: 100 },
    );
  });

  it("what is remembered of a rep is what would be found afresh, in any order of instants", () => {
    fc.assert(
      fc.property(
        somePresence,
        fc.array(fc.integer({ min: -5000, max: 9000 }), { maxLength: 20 }),
        ({ timeZone, workingHours, now, offsets }, minutes) => {
          const absences = offsets.map(([start, length]) => ({
            from: now + start * MINUTE,
            until: now + (start + length) * MINUTE,
          }));
          const bo = rep({ timeZone, workingHours, absences });
          for (const minute of minutes) {
            const instant = now + minute * MINUTE;
            expect(findUnavailability(bo, instant)).toEqual(findUnavailability({ ...bo }, instant));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("hours that are stored", () => {
  it("reach the rep's pods as they were written", async () => {
    const { deps, accepted } = openWorld();
    const workingHours: WorkingHours = {
      mon: [
        ["09:00", "12:00"],
        ["22:00", "06:00"],
      ],
      sun: [],
    };
    await putRep(deps, "ana", "bo", { ...BO, workingHours });
    await putRep(deps, "ana", "cy", { ...BO, workingHours: null });
    for (const id of ["bo", "cy"])
      await putMember(deps, "ana", "dach", id, { weight: 1, dailyCap: null, openCap: null });
    expect(accepted.at(-1)?.members).toMatchObject([
      { repId: "bo", workingHours },
      { repId: "cy", workingHours: null },
    ]);
    await putRep(deps, "ana", "bo", { ...BO, workingHours: office });
    expect(accepted.at(-1)).toMatchObject({ version: 3, members: [{ workingHours: office }, {}] });
  });

  it("keep an account's owner from its leads outside of them, and say until when", async () => {
    const { db, deps } = openWorld();
    await putRep(deps, "ana", "bo", { ...BO, workingHours: office });
    await putAccount(deps, "ana", {
      domain: "acme.com",
      accountId: "001",
      name: "Acme",
      ownerId: "bo",
    });
    db.sqlite
      .prepare(
        "INSERT INTO leads (id, received_at, company_domain, fields) VALUES ('l1', 0, 'acme.com', '{}')",
      )
      .run();
    const unavailable = async (now: number) => {
      const [row] = await rows(db, accountsOfLeads(["l1"], now));
      return row && accountFromRow(row, now).owner?.unavailable;
    };
    expect(await unavailable(berlin("2026-11-23T10:00"))).toBeNull();
    const night = berlin("2026-11-23T20:00");
    expect(await unavailable(night)).toBe("is off hours until 2026-11-24 09:00 Europe/Berlin");
    await putAbsence(deps, "ana", "bo", "sick", {
      ...away("2026-11-24T00:00", "2026-11-25T12:00"),
      note: null,
    });
    expect(await unavailable(night)).toBe("is off hours until 2026-11-25 12:00 Europe/Berlin");
    await putRep(deps, "ana", "bo", { ...BO, workingHours: null });
    expect(await unavailable(night)).toBeNull();
  });
});
