import { findHolidayProblem, type CalendarDate } from "./holidays.ts";
import { findWaitProblem, type WaitSettings } from "./wait.ts";

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

/** A group of reps who take turns. Its members are data and change at run time; its name and defaults are code. */
export interface Pod {
  readonly id: string;
  readonly settings: PodSettings;
}

/** 63 characters at most, as in a DNS label: it stands in URLs and names the pod's Durable Object. */
const POD_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const SETTINGS: readonly string[] = [
  "dailyCap",
  "openCap",
  "debitOutside",
  "holidays",
  "whenNobody",
  "waitAtMost",
];

/**
 * Names a pod, with defaults for its members: `pod("dach", { dailyCap: 15, holidays: ["2026-12-25"] })`.
 * @throws {Error} naming the pod, when the id or a setting is not usable
 */
export function pod(id: string, settings: PodSettings = {}): Pod {
  if (!POD_ID.test(id)) {
    throw new Error(
      `pod "${id}": the id must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen`,
    );
  }
  const problem = findProblem(settings);
  if (problem !== null) throw new Error(`pod "${id}": ${problem}`);
  return { id, settings };
}

function findProblem(settings: PodSettings): string | null {
  const unknown = Object.keys(settings).find((key) => !SETTINGS.includes(key));
  if (unknown !== undefined)
    return `"${unknown}" is no setting of a pod; it can have ${SETTINGS.map((key) => `"${key}"`).join(", ")}`;
  const { dailyCap = 0, openCap = 0, debitOutside = false, holidays = [] } = settings;
  if (typeof debitOutside !== "boolean") return `"debitOutside" must be true or false`;
  return (
    findCapProblem("dailyCap", dailyCap) ??
    findCapProblem("openCap", openCap) ??
    findHolidayProblem(holidays) ??
    findWaitProblem(settings)
  );
}

function findCapProblem(key: string, cap: number): string | null {
  return Number.isSafeInteger(cap) && cap >= 0
    ? null
    : `"${key}" must be a whole number, 0 or more, not ${String(cap)}`;
}
