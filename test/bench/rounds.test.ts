import { describe, expect, it } from "vitest";
import { alternate, quantile, summarise } from "../../bench/rounds.ts";

describe("the rounds of a measurement", () => {
  it("are summed up by their median, the least and the most", () => {
    expect(summarise([5, 1, 9])).toEqual({ value: 5, spread: { min: 1, max: 9, rounds: 3 } });
  });

  it("that do not exist yield no figure", () => {
    expect(() => summarise([])).toThrow("no round was measured");
  });

  it.each([
    [0.5, 50],
    [0.95, 95],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])("have as their quantile %d of 1 to 100 the value %d", (part, value) => {
    expect(
      quantile(
        Array.from({ length: 100 }, (_, n) => n + 1),
        part,
      ),
    ).toBe(value);
  });

  it("begin with a warm-up of each that is not counted, then take turns in who is first", async () => {
    const order: string[] = [];
    const contender = (name: string) => async () => order.push(name);
    const { subject, reference } = await alternate(2, contender("subject"), contender("reference"));
    expect(order).toEqual(["subject", "reference", "subject", "reference", "reference", "subject"]);
    expect(subject.spread).toEqual({ min: 3, max: 6, rounds: 2 });
    expect(reference.spread).toEqual({ min: 4, max: 5, rounds: 2 });
  });
});
