import { beforeEach, describe, expect, it } from "vitest";
import { consume, countSend, meterQueue } from "../../bench/meters/metered-queue.ts";
import { emptyUsage, meter, usageOf } from "../../bench/meters/usage.ts";

beforeEach(() => {
  Object.assign(meter, emptyUsage());
});

describe("a message of a queue", () => {
  it.each([
    // The quotes around a text count.
    [63_998, 3],
    [63_999, 6],
    [100_000, 6],
  ])("of a text of %d bytes is billed as %d operations", async (length, operations) => {
    const used = await usageOf(async () => countSend(["x".repeat(length)]));
    expect(used).toMatchObject({
      queueMessages: 1,
      queueOperations: operations,
      subrequests: 1,
    });
  });

  it("is handed out in batches of the size that is asked for, an invocation each", async () => {
    const queue = meterQueue<number>();
    await queue.send([1, 2, 3]);
    const seen: number[][] = [];
    const take = () =>
      consume(queue, 2, async (deliveries) => {
        seen.push(deliveries.map(({ body }) => body));
        for (const delivery of deliveries) delivery.ack();
      });
    const used = await usageOf(async () => {
      while ((await take()) > 0);
    });
    expect(seen).toEqual([[1, 2], [3]]);
    expect(used.workerRequests).toBe(2);
  });

  it("that was put off, or left alone, fails the bench: its cost would be half of it", async () => {
    const queue = meterQueue<string>();
    await queue.send(["a", "b"]);
    const work = consume(queue, 2, async ([first]) => {
      first?.retry({ delaySeconds: 1 });
      first?.ack();
    });
    await expect(work).rejects.toThrow("2 of 2 messages were not finished");
  });
});
