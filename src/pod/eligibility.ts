import type { CalendarDate, PodSettings } from "../rules/pod.ts";
import type { Candidate } from "../rules/trail.ts";
import {
  findInstant,
  findUnavailability,
  localDay,
  localTime,
  startOfNextDay,
} from "../roster/index.ts";
import type { RosterMember } from "../ports/roster.ts";
import type { PodNow, PodState } from "./state.ts";
import { Temporal } from "temporal-polyfill";

type Judgement = Pick<Candidate, "eligibility" | "reason" | "until">;

/** A member's day so far: local date, leads claimed, daily cap in force (null = none). */
interface Today {
  readonly now: number;
  readonly day: string;
  readonly count: number;
  readonly cap: number | null;
}

/** Says of one member whether they may take a lead now, and if not, why not and until when. Pure. */
export function judge(
  member: RosterMember,
  { state, settings, now }: Omit<PodNow, "roster">,
  excluded: Readonly<Record<string, string>> = {},
): Candidate {
  const { repId, weight } = member;
  const day = localDay(member.timeZone, now);
  const count = state.days[repId]?.[day] ?? 0;
  const cap = member.dailyCap ?? settings.dailyCap ?? null;
  const today = { now, day, count, cap };
  const exclusion = excluded[repId];
  const judgement =
    exclusion === undefined
      ? (findAway(member, settings, today) ??
        findFull(member, state, settings, today) ?? {
          eligibility: "eligible" as const,
          reason: cap === null ? `has ${count} leads today` : `has ${count} of ${cap} leads today`,
          until: null,
        })
      : { eligibility: "excluded" as const, reason: exclusion, until: null };
  const balance = state.ledger[repId]?.balance ?? 0;
  return { repId, ...judgement, count, cap, weight, balance };
}

function findAway(member: RosterMember, settings: PodSettings, today: Today): Judgement | null {
  const unavailable = findUnavailability(member, today.now);
  if (unavailable) {
    const { kind, reason, until } = unavailable;
    return { eligibility: kind, reason, until };
  }
  const until = endOfHoliday(settings.holidays ?? [], member.timeZone, today.day);
  if (until === null) return null;
  const reason = `has a holiday until ${localTime(member.timeZone, until)}`;
  return { eligibility: "holiday", reason, until };
}

function findFull(
  { repId, timeZone, ownDailyCap: own, ...member }: RosterMember,
  state: PodState,
  settings: PodSettings,
  { now, day, count, cap }: Today,
): Judgement | null {
  if (cap !== null && count >= cap) {
    const reason = `has ${count} of ${cap} leads today`;
    return { eligibility: "at_daily_cap", ...untilTomorrow(reason, cap, timeZone, now) };
  }
  if (own !== null && (count >= own || state.full[repId] === day)) {
    const reason = `has reached their own cap of ${own} leads a day`;
    return { eligibility: "at_own_daily_cap", ...untilTomorrow(reason, own, timeZone, now) };
  }
  const openCap = member.openCap ?? settings.openCap ?? null;
  const open = state.open[repId] ?? 0;
  if (openCap === null || open < openCap) return null;
  // Nobody knows when a lead will be closed.
  const reason = `has ${open} of ${openCap} open leads`;
  return { eligibility: "at_open_cap", reason, until: null };
}

/** A day's cap holds until the rep's next local day; a cap of 0 holds then as well. */
function untilTomorrow(
  reason: string,
  cap: number,
  timeZone: string,
  now: number,
): Pick<Judgement, "reason" | "until"> {
  if (cap === 0) return { reason, until: null };
  const until = startOfNextDay(timeZone, now);
  return { reason: `${reason}, until ${localTime(timeZone, until)}`, until };
}

interface Holiday {
  readonly day: string;
  readonly until: number;
}

// On a holiday this is asked for every member of every claim: remember each zone's present one.
const knownHolidays = new WeakMap<readonly CalendarDate[], Map<string, Holiday>>();

/**
 * The instant at which the holiday of this local date (YYYY-MM-DD) ends in the zone, days in a row taken
 * together, in milliseconds; null when the date is none.
 */
function endOfHoliday(
  holidays: readonly CalendarDate[],
  timeZone: string,
  day: string,
): number | null {
  const dates: readonly string[] = holidays;
  if (!dates.includes(day)) return null;
  const zones = knownHolidays.get(holidays) ?? new Map<string, Holiday>();
  const known = zones.get(timeZone);
  if (known?.day === day) return known.until;
  let next = Temporal.PlainDate.from(day);
  while (dates.includes(next.toString())) next = next.add({ days: 1 });
  const until = findInstant(timeZone, next, "00:00");
  knownHolidays.set(holidays, zones.set(timeZone, { day, until }));
  return until;
}
