import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import type { PodSettings } from "../../src/rules/pod.ts";
import { shareOf } from "../../src/pod/ledger.ts";
import { PodCore } from "../../src/pod/pod.ts";
import type { ClaimResult } from "../../src/ports/pod.ts";
import type { RosterMember } from "../../src/ports/roster.ts";
import { WEEKDAYS, type HoursSpan, type WorkingHours } from "../../src/ports/roster.ts";
import { Random } from "../simulation/random.ts";
import { MemoryPodStorage } from "./memory-storage.ts";
import { member, roster } from "./rosters.ts";

const LEADS = 12_000;
/** So that some claims are held and others settled when the next is drawn. */
const SETTLED_TOGETHER = 5;
const YEAR = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1) };
const DAY = 24 * 60 * 60 * 1000;
const ZONES = [
  "Europe/Berlin",
  "America/Sao_Paulo",
  "Asia/Kolkata",
  "Pacific/Apia",
  "America/New_York",
];
const SETTINGS: PodSettings = {
  dailyCap: 4,
  holidays: [
    "2026-01-01",
    "2026-04-03",
    "2026-04-06",
    "2026-10-25",
    "2026-12-24",
    "2026-12-25",
    "2026-12-26",
  ],
};

// None of these begins or ends in an hour that clocks skip or show twice: what the clock shows says who works.
const HOURS: readonly (WorkingHours | null)[] = [
  null,
  weekly(5, ["09:00", "17:00"]),
  weekly(6, ["08:30", "12:00"], ["13:00", "18:15"]),
  weekly(7, ["22:00", "06:00"]),
  weekly(7, ["00:00", "24:00"]),
];

function weekly(days: number, ...spans: readonly HoursSpan[]): WorkingHours {
  return Object.fromEntries(WEEKDAYS.slice(0, days).map((day) => [day, spans]));
}

function hire(random: Random): RosterMember[] {
  return Array.from({ length: 15 }, (_, at) =>
    member(`rep${at}`, {
      timeZone: ZONES[at % ZONES.length] ?? "UTC",
      workingHours: HOURS[Math.floor(at / 3)] ?? null,
      weight: random.whole(1, 5),
      dailyCap: random.chance(0.4) ? random.whole(0, 8) : null,
      ownDailyCap: random.chance(0.3) ? random.whole(2, 5) : null,
      absences: Array.from({ length: 6 }, () => {
        const from = random.whole(YEAR.from, YEAR.until);
        return { from, until: from + random.whole(60_000, 20 * DAY) };
      }),
    }),
  );
}

/** What the calendar and the clock on a wall show. */
interface Wall {
  readonly date: string;
  readonly dayOfWeek: number;
  readonly time: string;
}

function readWall(zone: string, now: number): Wall {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  const [date = "", time = ""] = local.toString().split("T");
  return { date, dayOfWeek: local.dayOfWeek, time: time.slice(0, 5) };
}

/** By what the rep's wall shows, and nothing of the router: why they cannot have a lead. */
function whyNot(rep: RosterMember, now: number, wall: Wall, today: number): string | null {
  if (rep.absences.some(({ from, until }) => from <= now && now < until)) return "absent";
  if (!worksAt(rep.workingHours, wall)) return "off_hours";
  if (SETTINGS.holidays?.some((holiday) => holiday === wall.date)) return "holiday";
  if (today >= (rep.dailyCap ?? SETTINGS.dailyCap ?? Infinity)) return "at_daily_cap";
  return rep.ownDailyCap !== null && today >= rep.ownDailyCap ? "at_own_daily_cap" : null;
}

function worksAt(hours: WorkingHours | null, { dayOfWeek, time }: Wall): boolean {
  if (hours === null) return true;
  const spansOf = (day: number) => {
    const weekday = WEEKDAYS[(day + 6) % 7];
    return (weekday && hours[weekday]) ?? [];
  };
  return (
    spansOf(dayOfWeek).some(([start, end]) => start <= time && (time < end || end <= start)) ||
    spansOf(dayOfWeek - 1).some(([start, end]) => end <= start && time < end)
  );
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

it("a year of leads: each member is drawn only when there and below their caps, and told why else", async () => {
  const random = new Random(2026);
  const reps = hire(random);
  let now = YEAR.from;
  const storage = new MemoryPodStorage();
  const pod = new PodCore(
    { id: "dach", settings: SETTINGS },
    storage,
    () => now,
    async (_podId, claims) => ({
      claims: new Map(claims.map(({ seq }) => [seq, "names_this_claim"])),
      over: [],
    }),
    null,
  );
  pod.accept(roster(1, ...reps));

  const instants = Array.from({ length: LEADS }, () => random.whole(YEAR.from, YEAR.until - 1));
  const counts = new Map<string, number>();
  const reasons: string[] = [];
  const open: number[] = [];
  for (const [at, instant] of instants.toSorted((a, b) => a - b).entries()) {
    now = instant;
    const wanted = [{ leadId: `lead${at}`, generation: 1, excluded: {} }];
    const answer = pod.claim({ version: 1, wanted, full: [] });
    const result: ClaimResult | undefined =
      answer.outcome === "drawn" ? answer.results[0] : undefined;
    if (!result) throw new Error("the pod did not draw");

    const walls = new Map(ZONES.map((zone) => [zone, readWall(zone, now)]));
    const expected = reps.map((rep) => {
      const wall = walls.get(rep.timeZone);
      if (!wall) throw new Error(`no wall in ${rep.timeZone}`);
      const key = `${rep.repId} ${wall.date}`;
      const eligibility = whyNot(rep, now, wall, counts.get(key) ?? 0) ?? "eligible";
      return { key, repId: rep.repId, eligibility };
    });
    const told = result.candidates.map(({ repId, eligibility }) => `${repId}: ${eligibility}`);
    expect(told).toEqual(expected.map(({ repId, eligibility }) => `${repId}: ${eligibility}`));
    reasons.push(...expected.map(({ eligibility }) => eligibility));
    for (const { eligibility, until } of result.candidates)
      if (until !== null && until <= now) throw new Error(`${eligibility} ended already`);

    const free = expected.filter(({ eligibility }) => eligibility === "eligible");
    if (result.outcome !== "claimed") {
      expect(free).toEqual([]);
      continue;
    }
    const picked = free.find(({ repId }) => repId === result.repId);
    if (!picked) throw new Error(`${result.repId} was drawn and could not take it`);
    counts.set(picked.key, (counts.get(picked.key) ?? 0) + 1);
    open.push(result.seq);
    if (open.length < SETTLED_TOGETHER) continue;
    await pod.settleHeld();
    pod.release(open.splice(0));
  }

  await pod.settleHeld();
  const { members, standing, held } = pod.snapshot();
  const drawn = [...counts.values()].reduce((total, count) => total + count, 0);
  expect({ standing, held }).toEqual({ standing: drawn, held: 0 });
  expect(members.reduce((total, { balance }) => total + balance, 0)).toBe(0);
  for (const { received, expected: share } of members.map(shareOf))
    expect(Math.abs(received - share)).toBeLessThan(2);

  // The year had enough of everything for the above to say something.
  expect(drawn).toBeGreaterThan(LEADS / 2);
  const met = countEach(reasons);
  for (const reason of [
    "absent",
    "off_hours",
    "holiday",
    "at_daily_cap",
    "at_own_daily_cap",
    "eligible",
  ])
    expect(met[reason], reason).toBeGreaterThan(500);
}, 30_000);
