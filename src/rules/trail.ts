/** What kind of rule a step of the trail tells about. `manual` is a decision by hand. */
export type RuleKind = "matched_account" | "territory" | "score" | "rule" | "fallback" | "manual";

/**
 * Why a member of a pod could or could not take a lead. `eligible` may be picked; every other value
 * says why the member gained no credit and owes no debt for this lead.
 */
export type Eligibility =
  | "eligible"
  | "inactive"
  | "absent"
  | "off_hours"
  | "holiday"
  | "at_daily_cap"
  | "at_own_daily_cap"
  | "at_open_cap"
  | "excluded";

/** One member of an asked pod at the instant of the claim. */
export interface Candidate {
  readonly repId: string;
  readonly eligibility: Eligibility;
  /** In words a sales rep understands: "has 15 of 15 leads today, until 2026-12-02 00:00 Europe/Berlin". */
  readonly reason: string;
  /**
   * When what is in the way ends by itself, in milliseconds since the epoch. Null when nothing is in the way,
   * and when nobody knows: an open lead has to be closed, a deactivated rep to be re-activated.
   */
  readonly until: number | null;
  /** Leads claimed in this pod on the rep's local day, before this one. */
  readonly count: number;
  /** Daily cap in this pod that was in force; null = none. */
  readonly cap: number | null;
  readonly weight: number;
  /** Ledger balance before this lead's credit was handed out: billionths of a lead owed. */
  readonly balance: number;
  /** Ledger balance after it, where the lead was drawn. */
  readonly balanceAfter?: number;
}

/** The result of a pod's draw: enough to explain it. */
export interface Draw {
  readonly candidates: readonly Candidate[];
  /** Members that a shortened list leaves out, by eligibility. */
  readonly others?: Readonly<Partial<Record<Eligibility, number>>>;
  /** Who would have been picked, had the one picked not been there; null when nobody else was eligible. */
  readonly runnerUp: string | null;
}

/** One rule that was tried. Holds no personal data: it is append-only, and erasing a lead leaves it as it is. */
export interface TrailStep {
  readonly rule: string;
  readonly kind: RuleKind;
  readonly outcome: "matched" | "no_match" | "no_eligible_rep";
  readonly reason: string;
  /** The account's owner who was passed over. */
  readonly ownerId?: string;
  readonly podId?: string;
  /** In pods of over 50 only those that mattered; `others` counts the rest by eligibility. */
  readonly candidates?: readonly Candidate[];
  readonly others?: Readonly<Partial<Record<Eligibility, number>>>;
  readonly picked?: string;
  /** Who would have been picked, had `picked` not been there. */
  readonly runnerUp?: string;
}
