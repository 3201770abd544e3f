import type { Usage } from "./meters/usage.ts";

// Cloudflare's list prices on the plan Workers Paid, in dollars, without the minimum of $5 a month.

/** The day on which the pages below were last compared with this table. */
export const PRICES_OF = "2026-11-23";

export interface Price {
  readonly unit: string;
  /** Dollars per million units, beyond what is included. */
  readonly perMillion: number;
  /** What the plan includes each month: named, never subtracted. */
  readonly included: string;
  /** The page that says so. */
  readonly page: string;
  /** How many of these units some work used. */
  readonly count: (usage: Usage, cpuMs: number) => number;
}

const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const D1 = "https://developers.cloudflare.com/d1/platform/pricing/";
const DURABLE_OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
const QUEUES = "https://developers.cloudflare.com/queues/platform/pricing/";

/** What a Durable Object is billed for while it is at work, whatever it uses: 128 MB (Durable Objects pricing, footnote 5). */
const OBJECT_GB = 0.128;

export const PRICES: readonly Price[] = [
  {
    unit: "Worker requests",
    perMillion: 0.3,
    included: "10 million",
    page: WORKERS,
    count: ({ workerRequests }) => workerRequests,
  },
  {
    unit: "CPU milliseconds",
    perMillion: 0.02,
    included: "30 million",
    page: WORKERS,
    count: (_usage, cpuMs) => cpuMs,
  },
  {
    unit: "D1 rows written",
    perMillion: 1,
    included: "50 million",
    page: D1,
    count: ({ d1RowsWritten }) => d1RowsWritten,
  },
  {
    unit: "D1 rows read",
    perMillion: 0.001,
    included: "25 billion",
    page: D1,
    count: ({ d1RowsRead }) => d1RowsRead,
  },
  {
    unit: "Durable Object requests",
    perMillion: 0.15,
    included: "1 million",
    page: DURABLE_OBJECTS,
    count: ({ podRequests }) => podRequests,
  },
  {
    unit: "Durable Object GB-s",
    perMillion: 12.5,
    included: "400,000",
    page: DURABLE_OBJECTS,
    count: ({ podMs }) => (podMs / 1000) * OBJECT_GB,
  },
  {
    unit: "Durable Object rows written",
    perMillion: 1,
    included: "50 million",
    page: DURABLE_OBJECTS,
    count: ({ podRowsWritten }) => podRowsWritten,
  },
  {
    unit: "Durable Object rows read",
    perMillion: 0.001,
    included: "25 billion",
    page: DURABLE_OBJECTS,
    count: ({ podRowsRead }) => podRowsRead,
  },
  {
    unit: "queue operations",
    perMillion: 0.4,
    included: "1 million",
    page: QUEUES,
    count: ({ queueOperations }) => queueOperations,
  },
];

/** Dollars for a million leads, each of which uses this much. `cpuMs` is a lead's, in milliseconds. */
export function dollarsPerMillion(usage: Usage, cpuMs: number): number {
  return PRICES.reduce((sum, { perMillion, count }) => sum + perMillion * count(usage, cpuMs), 0);
}

/** Dollars for a GB kept in D1 for a month, beyond what is included (D1 pricing). */
export const D1_GB_MONTH = 0.75;
/** GB (D1 pricing). */
export const D1_GB_INCLUDED = 5;

/** Dollars for keeping a million leads in D1 for a month, at so many bytes each. */
export function dollarsOfKeeping(bytes: number): number {
  return ((bytes * 1_000_000) / 1e9) * D1_GB_MONTH;
}
