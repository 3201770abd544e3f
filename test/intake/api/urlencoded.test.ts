import fc from "fast-check";
import { expect, it } from "vitest";
import { parseUrlencoded } from "../../../src/intake/body/form-entries.ts";

const LIMITS = { text: 1_000, fields: 5 };

function entries(text: string): unknown {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const parsed = parseUrlencoded(bytes, LIMITS);
  return parsed.outcome === "read" ? parsed.entries : parsed.outcome;
}

it.each([
  [
    "a=1&b=%C3%BC+x",
    [
      ["a", "1"],
      ["b", "ü x"],
    ],
  ],
  [
    "a&=b&&c==d",
    [
      ["a", ""],
      ["", "b"],
      ["c", "=d"],
    ],
  ],
  [
    "a=100%&b=%zz%4",
    [
      ["a", "100%"],
      ["b", "%zz%4"],
    ],
  ],
  ["name=M%FCller", [["name", "Müller"]]],
  ["", []],
  ["a=1&".repeat(6), "too_many"],
  [`a=${"x".repeat(1_000)}`, "too_large"],
  [`a=${"%78".repeat(999)}`, [["a", "x".repeat(999)]]],
])("%j", (text, expected) => {
  expect(entries(text)).toEqual(expected);
});

it("reads what URLSearchParams writes", () => {
  const text = fc
    .string({ unit: "binary", maxLength: 20 })
    .map((s) => s.toWellFormed().replaceAll("\uFEFF", ""));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (sent) => {
      expect(entries(new URLSearchParams(sent).toString())).toEqual(sent);
    }),
  );
});
