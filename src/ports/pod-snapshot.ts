import type { Candidate } from "../rules/trail.ts";

/** A pod as it is now: what `GET /api/pods/:pod` shows. */
export interface PodSnapshot {
  /** Version of the roster the pod holds. */
  readonly version: number;
  /** The pod's clock: milliseconds since the epoch. */
  readonly at: number;
  /** Who would get the next lead; null when nobody is eligible. */
  readonly next: string | null;
  readonly members: readonly (Candidate & {
    /** Open leads: claimed here and neither closed nor re-routed since. */
    readonly open: number;
    readonly openCap: number | null;
    /** Leads claimed here since the rep joined the ledger. */
    readonly received: number;
  })[];
  /** Leads in line, the first one first. */
  readonly waiting: readonly {
    readonly leadId: string;
    readonly generation: number;
    /** 1 = the first in line. */
    readonly place: number;
    /** Milliseconds since the epoch. */
    readonly since: number;
    /** When the pod gives up and passes the lead on: milliseconds since the epoch. */
    readonly until: number;
    /** Why nobody takes it now, in words. */
    readonly reason: string;
  }[];
  /** Claims drawn and not given back. */
  readonly standing: number;
  /** Those of them that no decision has settled yet. */
  readonly held: number;
}
