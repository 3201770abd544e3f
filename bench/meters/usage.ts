/** What some work used of what Cloudflare bills or limits. Counted, never timed, but for `podMs`. */
export interface Usage {
  /** Invocations of the Worker: a request, a batch of a queue, a run of the cron. */
  workerRequests: number;
  d1RowsWritten: number;
  d1RowsRead: number;
  /** Round trips to D1: a statement on its own, or a batch. */
  d1Calls: number;
  d1Statements: number;
  /** Rows in the SQLite of Durable Objects; each alarm set is one row, as it is billed. */
  podRowsWritten: number;
  podRowsRead: number;
  /** Requests to Durable Objects: calls over RPC, and alarms. */
  podRequests: number;
  /** Milliseconds in which a Durable Object was at work, by the caller's clock: the call's way there and back is in it. */
  podMs: number;
  queueMessages: number;
  /** A write, a read and a delete of each 64 KB of a message. */
  queueOperations: number;
  /** Calls out of an invocation: to D1, Durable Objects, queues, and over HTTP. */
  subrequests: number;
}

type Measure = keyof Usage;

/** Nothing used yet. */
export function emptyUsage(): Usage {
  return {
    workerRequests: 0,
    d1RowsWritten: 0,
    d1RowsRead: 0,
    d1Calls: 0,
    d1Statements: 0,
    podRowsWritten: 0,
    podRowsRead: 0,
    podRequests: 0,
    podMs: 0,
    queueMessages: 0,
    queueOperations: 0,
    subrequests: 0,
  };
}

/**
 * The one meter of a bench worker: its Durable Objects run in the same isolate locally, so that they count on it as well.
 * Read it with `usageOf`.
 */
export const meter: Usage = emptyUsage();

/** What this work used, by the meter of this isolate. Nothing else may run meanwhile. */
export async function usageOf(work: () => Promise<unknown>): Promise<Usage> {
  const before = { ...meter };
  await work();
  return combine(meter, before, (now, then) => now - then);
}

export function addUsage(...all: readonly Usage[]): Usage {
  return all.reduce((sum, one) => combine(sum, one, (a, b) => a + b), emptyUsage());
}

/** A part of it for each of so many leads. */
export function perLead(usage: Usage, leads: number): Usage {
  return combine(usage, usage, (used) => used / leads);
}

function combine(
  one: Usage,
  other: Usage,
  combineNumbers: (a: number, b: number) => number,
): Usage {
  const combined = emptyUsage();
  for (const measure of MEASURES) combined[measure] = combineNumbers(one[measure], other[measure]);
  return combined;
}

const MEASURES = Object.keys(emptyUsage()).filter(isMeasure);

function isMeasure(name: string): name is Measure {
  return name in meter;
}
