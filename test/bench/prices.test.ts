import { describe, expect, it } from "vitest";
import { addUsage, emptyUsage, perLead } from "../../bench/meters/usage.ts";
import { dollarsOfKeeping, dollarsPerMillion, PRICES } from "../../bench/prices.ts";

describe("the price of a million leads", () => {
  it("is that of all they use, at list price", () => {
    const usage = {
      ...emptyUsage(),
      workerRequests: 2,
      d1RowsWritten: 5,
      d1RowsRead: 100,
      podRequests: 1,
      podMs: 1000,
      podRowsWritten: 3,
      podRowsRead: 100,
      queueOperations: 3,
    };
    // By hand, from the price pages: requests, CPU, D1, Durable Objects, queue.
    const expected =
      2 * 0.3 + 10 * 0.02 + 5 * 1 + 0.1 + (1 * 0.15 + 0.128 * 12.5 + 3 * 1 + 0.1) + 3 * 0.4;
    expect(dollarsPerMillion(usage, 10)).toBeCloseTo(expected, 9);
  });

  it("is nothing for nothing", () => {
    expect(dollarsPerMillion(emptyUsage(), 0)).toBe(0);
  });

  it("names for each item the page that says so, and what is included", () => {
    for (const { page, included } of PRICES) {
      expect(page).toMatch(/^https:\/\/developers\.cloudflare\.com\/\S+\/pricing\/$/);
      expect(included).not.toBe("");
    }
  });

  it("for keeping 1,000 bytes of each is that of a gigabyte", () => {
    expect(dollarsOfKeeping(1000)).toBeCloseTo(0.75, 9);
  });
});

describe("what leads use", () => {
  it("is added up and shared out, measure by measure", () => {
    const one = { ...emptyUsage(), d1RowsRead: 4, queueMessages: 1 };
    const other = { ...emptyUsage(), d1RowsRead: 6 };
    expect(perLead(addUsage(one, other), 10)).toEqual({
      ...emptyUsage(),
      d1RowsRead: 1,
      queueMessages: 0.1,
    });
  });
});
