import fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson } from "../../../src/intake/body/body.ts";

it("reads ids of 64 bits as the digits that were sent", () => {
  const sent =
    '{"campaign_id": 12345678901234567890, "form_id":9007199254740993,"n":-1234567890123456}';
  expect(parseJson(sent)).toEqual({
    campaign_id: "12345678901234567890",
    form_id: "9007199254740993",
    n: "-1234567890123456",
  });
});

it("leaves alone what is no large integer, and what stands in a text", () => {
  const value = {
    small: 123456789012345,
    fraction: 0.1234567890123456,
    power: 1e300,
    text: 'a "1234567890123456789" in \\ a text, : 1234567890123456789,',
    "1234567890123456789": true,
  };
  expect(parseJson(JSON.stringify(value))).toEqual(value);
  expect(parseJson("[1234567890123456.5, 1234567890123456e2]")).toEqual([
    1234567890123456.5, 1234567890123456e2,
  ]);
});

/** JSON texts with integers of every size, as they are and in texts and names. */
const digits = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    digits.map((value) => ({ integer: value })),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary" }),
    digits.map((value) => `"\\${value} \n`),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("node"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), digits.map(String)), tie("node")), { maxLength: 4 })
      .map((entries) => ({ entries })),
  ),
})).node;

function write(node: unknown): string {
  if (typeof node !== "object" || node === null) return JSON.stringify(node);
  if (Array.isArray(node)) return `[ ${node.map(write).join(" ,")}]`;
  if ("integer" in node) return String(node.integer);
  if (!("entries" in node) || !Array.isArray(node.entries)) throw new Error("no such node");
  return `{${node.entries.map(([name, value]) => `${JSON.stringify(name)} : ${write(value)}`).join(",\t")}}`;
}

/** What should be read: large integers as text, everything else as JSON has it. */
function expected(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(expected);
  if (typeof node === "number" && /^-?\d{16,}$/.test(String(node))) return String(node);
  if (typeof node !== "object" || node === null) return JSON.parse(JSON.stringify(node));
  if ("integer" in node) {
    const text = String(node.integer);
    return text.replace("-", "").length >= 16 ? text : Number(text);
  }
  if (!("entries" in node) || !Array.isArray(node.entries)) throw new Error("no such node");
  return Object.fromEntries(node.entries.map(([name, value]) => [name, expected(value)]));
}

it("reads every JSON text as JSON.parse does, but for its large integers", () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(parseJson(write(node))).toEqual(expected(node));
    }),
    { numRuns: 2000 },
  );
});

it("refuses what JSON.parse refuses", () => {
  const damage = fc.tuple(
    tree.map(write),
    fc.nat(),
    fc.constantFrom('"', "1234567890123456", "{", "\\", "", ","),
  );
  fc.assert(
    fc.property(damage, ([text, at, piece]) => {
      const place = text.length === 0 ? 0 : at % text.length;
      const damaged = text.slice(0, place) + piece + text.slice(place + 1);
      let isJson = true;
      try {
        JSON.parse(damaged);
      } catch {
        isJson = false;
      }
      if (isJson) parseJson(damaged);
      else expect(() => parseJson(damaged)).toThrow(SyntaxError);
    }),
    { numRuns: 2000 },
  );
});
