/** What is watched, in the order in which it is listed. */
export const ALERT_NAMES = [
  "time_to_assignment",
  "unassigned_share",
  "dead_letters",
  "oldest_pending",
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

/** Something that is measured every minute, and the limit at which ops are told. */
export interface Alert {
  readonly name: AlertName;
  /** The variable of wrangler.toml that holds the limit; "off" turns the alert off. */
  readonly variable: string;
  readonly defaultLimit: number;
  /** The largest limit that could ever be reached; null = any. */
  readonly largestLimit: number | null;
  readonly unit: "seconds" | "share" | "leads";
  /** What the value is, for whoever reads the API. */
  readonly what: string;
  /** What is wrong, in words that a value follows. */
  readonly title: string;
  /** Where to look first. */
  readonly look: string;
}

/** Leads below which a percentile or a share says nothing: of 20, one may be late without moving the 95th percentile. */
export const ENOUGH_LEADS = 20;

/** Every alert with its limit, unless a variable says otherwise. */
export const ALERTS: readonly Alert[] = [
  {
    name: "time_to_assignment",
    variable: "ALERT_P95_SECONDS",
    defaultLimit: 60,
    largestLimit: null,
    unit: "seconds",
    what: "95 % of the leads were decided within so many seconds of their arrival. Of the last half hour or, when that has fewer than 20 leads, of the last 20 in a week; leads that a pod kept in line are left out.",
    title: "Leads wait long for their rep: 95 % are decided within",
    look: "GET /api/metrics/time-to-assignment says since when, GET /api/stuck what waits.",
  },
  {
    name: "unassigned_share",
    variable: "ALERT_UNASSIGNED_SHARE",
    defaultLimit: 0.2,
    largestLimit: 1,
    unit: "share",
    what: "The share of first decisions that nobody got. Of the last half hour or, when that has fewer than 20 leads, of the last 20 in a week.",
    title: "Many leads find no rep:",
    look: "GET /api/metrics/unassigned says what they have in common, and which rule would have caught them.",
  },
  {
    name: "dead_letters",
    variable: "ALERT_DEAD_LETTERS",
    defaultLimit: 1,
    largestLimit: 1_000,
    unit: "leads",
    what: "Leads of the last hour that no try could route, or of which nobody could be told.",
    title: "Leads were given up on in the last hour:",
    look: "GET /api/unassigned has those that could not be routed, each with its cause; GET /api/audit?kind=notification_failed those of which nobody was told.",
  },
  {
    name: "oldest_pending",
    variable: "ALERT_PENDING_SECONDS",
    defaultLimit: 300,
    largestLimit: null,
    unit: "seconds",
    what: "For how long the oldest lead has waited for its decision. Below two or three minutes nothing is seen, and leads that stand in a pod's line are left out.",
    title: "A lead has been undecided for",
    look: "GET /api/stuck has it, with what went wrong last.",
  },
];
