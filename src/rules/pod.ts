import { isSecretName, quoteAll } from "./declarations.ts";
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

/** 63 characters at most, as in a DNS label: it stands in URLs and names the pod's Durable Object. */
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
