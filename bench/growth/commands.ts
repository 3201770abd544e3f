import type { Usage } from "../meters/usage.ts";

/** What becomes of a lead, and how it came. */
export const KINDS = [
  "matched account",
  "territory",
  "fallback",
  "unassigned",
  "with a key",
] as const;
export type Kind = (typeof KINDS)[number];

/** Leads to send on their whole way as one batch. */
export interface RouteCommand {
  readonly kind: Kind;
  readonly batch: number;
}

/** What a batch used, stage by stage. */
export interface Costs {
  readonly intake: Usage;
  readonly pass: Usage;
  readonly notify: Usage;
  /** The alarms of the pods. */
  readonly settle: Usage;
  /** The cron's next run, which looks at these leads and counts them. */
  readonly cron: Usage;
}
