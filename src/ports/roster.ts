/** Local times of one span, "HH:MM" by the 24-hour clock. An end before its start lies on the next day. */
export type HoursSpan = readonly [start: string, end: string];

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When a rep works, in their own time zone. A day that is left out has no hours. */
export type WorkingHours = Readonly<Partial<Record<Weekday, readonly HoursSpan[]>>>;

/** A time away: `from` inclusive, `until` exclusive, milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What decides whether a rep is there at an instant. */
export interface Presence {
  readonly active: boolean;
  readonly timeZone: string;
  /** In the rep's own zone; null = at any hour. */
  readonly workingHours: WorkingHours | null;
  readonly absences: readonly Span[];
}

/** One member of a pod with all that decides their turn. */
export interface RosterMember extends Presence {
  readonly repId: string;
  /** 1 to 1,000: share of the pod's leads relative to the other members'. */
  readonly weight: number;
  /** Leads per local day in this pod; null = the pod's default. */
  readonly dailyCap: number | null;
  /** Open leads in this pod; null = the pod's default. */
  readonly openCap: number | null;
  /** The person's own cap per local day over everything; null = none. */
  readonly ownDailyCap: number | null;
}

/** A pod's members in join order, as D1 has them at `version`. */
export interface Roster {
  readonly podId: string;
  readonly version: number;
  readonly members: readonly RosterMember[];
}
