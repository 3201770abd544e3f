// What a bench asks of the driver worker (worker.ts), as JSON over one request each.

/** Who does the work: the router, or the least that could do it (reference.ts). */
export type Contender = "router" | "reference";

/** Posts leads, so many at a time, each as soon as one before it is answered. */
export interface PostCommand {
  readonly contender: Contender;
  readonly path: "/leads" | "/f/contact";
  readonly count: number;
  readonly concurrency: number;
  /** A domain label: the leads are lead-N@TAG.example. */
  readonly tag: string;
  /** Each lead names one of so many channels as its source, in turn. Left out = all name the same source. */
  readonly channels?: number;
}

/** Posts leads evenly over a time, whether those before them are answered or not. */
export interface PaceCommand {
  /** Leads a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly tag: string;
  readonly channels: number;
}

export interface Posted {
  /** From the first post to the last answer, in milliseconds. */
  readonly elapsedMs: number;
  /** From each post to its answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
}

/** Hands leads to the contender's queue consumer, a full batch at a time. */
export interface DrainCommand {
  readonly contender: Contender;
  readonly leadIds: readonly string[];
  /** Batches that are with a consumer at the same time. */
  readonly concurrency: number;
}

export interface Drained {
  /** From the first batch to the last, in milliseconds. */
  readonly elapsedMs: number;
}

/** Messages a batch: `max_batch_size` of the queue `leads` in wrangler.toml. */
export const BATCH = 100;
