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
export function findWaitProblem(settings: WaitSettings): string | null {
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
