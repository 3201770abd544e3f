import { isSecretName, quoteAll } from "./declarations.ts";

/** Settings of a pod that are code. Caps are defaults for members that carry none of their own. */
export type PodSettings = WaitSettings & {
  /** Leads a member takes per local day of the rep, unless the member has a cap of its own. Whole, ≥ 0. */
  readonly dailyCap?: number;
  /** Open leads a member may hold, unless the member has a cap of its own. Whole, ≥ 0. */
  readonly openCap?: number;
  /**
   * Whether a lead that a member gets past the rotation, as the owner of an account or by hand, debits their ledger here
   * as one from the rotation does. Default: false.
   */
  readonly debitOutside?: boolean;
  /** Dates on which no member takes a lead, each by the rep's own calendar. No date twice. */
  readonly holidays?: readonly CalendarDate[];
};

/** What `pod` takes: settings, and what else is said of a pod in code. */
export type PodOptions = PodSettings & {
  /**
   * The NAME of the secret with the Slack incoming webhook of the pod's own channel, "SLACK_DACH_WEBHOOK_URL": reps of the pod
   * hear of their leads there, where they do not by direct message. Default: the channel of SLACK_WEBHOOK_URL.
   */
  readonly slack?: string;
};

/** A group of reps who take turns. Its members are data and change at run time; its name and defaults are code. */
export interface Pod {
  readonly id: string;
  readonly settings: PodSettings;
  /**
   * As in `PodOptions`. Not among the settings, and so not in the chain's version: it decides nothing about who gets what, and
   * a team that moves to another channel has the same rules as before.
   */
  readonly slack?: string;
}

/** 63 characters at most, as in a DNS label: it is used in URLs and names the pod's Durable Object. */
const POD_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const SETTINGS: readonly string[] = [
  "dailyCap",
  "openCap",
  "debitOutside",
  "holidays",
  "whenNobody",
  "waitAtMost",
  "slack",
];

/**
 * Names a pod, with defaults for its members: `pod("dach", { dailyCap: 15, holidays: ["2026-12-25"] })`.
 * @throws {Error} naming the pod, when the id or a setting is not usable
 */
export function pod(id: string, options: PodOptions = {}): Pod {
  if (!POD_ID.test(id)) {
    throw new Error(
      `pod "${id}": the id must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen`,
    );
  }
  const problem = findProblem(options);
  if (problem !== null) throw new Error(`pod "${id}": ${problem}`);
  const { slack, ...settings } = options;
  return slack === undefined ? { id, settings } : { id, settings, slack };
}

function findProblem(options: PodOptions): string | null {
  const unknown = Object.keys(options).find((key) => !SETTINGS.includes(key));
  if (unknown !== undefined)
    return `"${unknown}" is no setting of a pod; it can have ${quoteAll(SETTINGS)}`;
  const {
    dailyCap = 0,
    openCap = 0,
    debitOutside = false,
    holidays = [],
    slack = "SLACK",
  } = options;
  // Not quoted: it may be the secret itself.
  if (typeof slack !== "string" || !isSecretName(slack))
    return `"slack" must be the name of a secret, capital letters, digits and underscores, like "SLACK_DACH_WEBHOOK_URL"; the webhook itself is set with wrangler secret put`;
  if (typeof debitOutside !== "boolean") return `"debitOutside" must be true or false`;
  return (
    findCapProblem("dailyCap", dailyCap) ??
    findCapProblem("openCap", openCap) ??
    findHolidayProblem(holidays) ??
    findWaitProblem(options)
  );
}

function findCapProblem(key: string, cap: number): string | null {
  return Number.isSafeInteger(cap) && cap >= 0
    ? null
    : `"${key}" must be a whole number, 0 or more, not ${String(cap)}`;
}

/** A length of time, added up: `{ minutes: 30 }`, `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
}

/**
 * What a pod does with a lead nobody can take: pass it on to the next rule at once, or keep it in line until somebody
 * can, at most so long.
 */
export type WaitSettings =
  | { readonly whenNobody?: "next"; readonly waitAtMost?: never }
  | { readonly whenNobody: "wait"; readonly waitAtMost: Duration };

const UNIT_MS: Readonly<Record<keyof Duration, number>> = {
  days: 24 * 60 * 60 * 1000,
  hours: 60 * 60 * 1000,
  minutes: 60 * 1000,
};

/** Longest wait, in days: a queue keeps a message 14 days, and a lead that waits longer is no lead any more. */
const LONGEST_DAYS = 14;

/** How long the pod keeps a lead in line, in milliseconds; null = not at all. */
export function waitLimitMs(settings: WaitSettings): number | null {
  if (settings.whenNobody !== "wait") return null;
  const { days = 0, hours = 0, minutes = 0 } = settings.waitAtMost;
  return days * UNIT_MS.days + hours * UNIT_MS.hours + minutes * UNIT_MS.minutes;
}

/** What is wrong with these settings, in words; null when nothing is. Repeats what the types refuse. */
function findWaitProblem(settings: WaitSettings): string | null {
  const { whenNobody, waitAtMost } = settings;
  if (whenNobody !== undefined && whenNobody !== "next" && whenNobody !== "wait")
    return `"whenNobody" must be "next" or "wait", not ${JSON.stringify(whenNobody)}`;
  if (whenNobody !== "wait")
    return waitAtMost === undefined ? null : `"waitAtMost" goes with whenNobody: "wait"`;
  if (typeof waitAtMost !== "object" || waitAtMost === null)
    return `whenNobody: "wait" needs "waitAtMost", such as { minutes: 30 }`;
  for (const [unit, amount] of Object.entries(waitAtMost)) {
    if (!(unit in UNIT_MS)) return `"waitAtMost" takes days, hours and minutes, not "${unit}"`;
    if (!Number.isSafeInteger(amount) || amount < 0)
      return `"waitAtMost": ${unit} must be a whole number, 0 or more, not ${String(amount)}`;
  }
  const limit = waitLimitMs(settings) ?? 0;
  if (limit === 0) return `"waitAtMost" must be longer than nothing`;
  if (limit > LONGEST_DAYS * UNIT_MS.days)
    return `"waitAtMost" must be ${LONGEST_DAYS} days at most`;
  return null;
}

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Month = `0${Digit}` | "10" | "11" | "12";
type DayOfMonth = `${"0" | "1" | "2"}${Digit}` | "30" | "31";

/** A date of the calendar, `YYYY-MM-DD`. That it exists is checked when the rules load. */
export type CalendarDate = `${number}-${Month}-${DayOfMonth}`;

/** What is wrong with these holidays, in words; null when nothing is. Repeats what the types refuse. */
function findHolidayProblem(dates: readonly CalendarDate[]): string | null {
  if (!Array.isArray(dates)) return `"holidays" must be a list of dates, not ${String(dates)}`;
  for (const [at, date] of dates.entries()) {
    if (!isCalendarDate(date))
      return `the holiday ${JSON.stringify(date)} is no date of the calendar, such as "2026-12-25"`;
    if (dates.indexOf(date) < at) return `the holiday ${date} is listed twice`;
  }
  return null;
}

function isCalendarDate(date: unknown): boolean {
  if (typeof date !== "string" || !/^\d{4}-\d\d-\d\d$/.test(date)) return false;
  const midnight = new Date(`${date}T00:00:00Z`);
  // 30 February is read as 2 March.
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
