import { describe, expect, it } from "vitest";
import { judgeSilence } from "../../../src/ops/metrics/rule-rates.ts";

describe("what has stopped happening", () => {
  it("is told when five and more were to be expected since, at the rate there was", () => {
    expect(judgeSilence(400, 1_000, 11)).toEqual({ expected: 4.4, stopped: false });
    expect(judgeSilence(400, 1_000, 13)).toEqual({ expected: 5.2, stopped: true });
  });

  it("is not told from a single occurrence, whose rate is a guess", () => {
    expect(judgeSilence(1, 2, 20)).toEqual({ expected: 10, stopped: false });
    expect(judgeSilence(3, 6, 12)).toEqual({ expected: 6, stopped: false });
    expect(judgeSilence(3, 6, 22)).toEqual({ expected: 11, stopped: true });
  });

  it("is not told of what never happened", () => {
    expect(judgeSilence(0, 500, 500)).toEqual({ expected: 0, stopped: false });
    expect(judgeSilence(0, 0, 500)).toEqual({ expected: 0, stopped: false });
  });

  it("is told by mistake in fewer than one case of a hundred", () => {
    // Matches spread by chance over 300 tries: how often do they look as if they had stopped?
    let [state, alarms] = [7, 0];
    const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    for (let run = 0; run < 5_000; run++) {
      const tries = Array.from({ length: 300 }, () => next() < 0.05);
      const matches = tries.filter(Boolean).length;
      const upTo = tries.lastIndexOf(true) + 1;
      if (judgeSilence(matches, upTo, tries.length - upTo).stopped) alarms++;
    }
    expect(alarms / 5_000).toBeLessThan(0.01);
  });
});
