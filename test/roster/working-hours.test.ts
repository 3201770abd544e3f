import { expect, it } from "vitest";
import { spansOverlap } from "../../src/roster/availability.ts";
import { type HoursSpan } from "../../src/ports/roster.ts";

it.each<[HoursSpan[], boolean]>([
  [[], false],
  [
    [
      ["09:00", "12:00"],
      ["12:00", "17:00"],
    ],
    false,
  ],
  [
    [
      ["13:00", "17:00"],
      ["09:00", "13:01"],
    ],
    true,
  ],
  [
    [
      ["22:00", "06:00"],
      ["09:00", "17:00"],
    ],
    false,
  ],
  [
    [
      ["22:00", "06:00"],
      ["23:00", "23:30"],
    ],
    true,
  ],
  [
    [
      ["00:00", "24:00"],
      ["12:00", "13:00"],
    ],
    true,
  ],
])("of the spans %j it is %s that they overlap", (spans, overlap) => {
  expect(spansOverlap(spans)).toBe(overlap);
});
