import type { Usage } from "../meters/usage.ts";
import type { Kind } from "./cost-leads.ts";

/** What is measured in one go: what the bench asks of its worker. */
export interface Case {
  readonly contender: "router" | "plain";
  readonly kind: Kind;
  /** Leads in a batch of the queue. */
  readonly batch: number;
  /** Batches measured. */
  readonly batches: number;
  /** Each lead comes with an Idempotency-Key. */
  readonly keyed: boolean;
  /** A destination of webhooks is declared. */
  readonly destination: boolean;
}

export const STAGES = [
  "intake",
  "routing",
  "notification",
  "delivery",
  "settlement",
  "cron",
] as const;
export type Stage = (typeof STAGES)[number];

/** What all leads of a case used, stage by stage. */
export type CaseUsage = Readonly<Record<Stage, Usage>>;
