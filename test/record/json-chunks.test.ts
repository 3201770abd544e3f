import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkJson } from "../../src/lib/chunks.ts";

describe("chunks of JSON", () => {
  it("hold every value once and in order, within the bytes unless one value alone is larger", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" })),
        fc.integer({ min: 4, max: 100 }),
        (values, maxBytes) => {
          const chunks = chunkJson(values, maxBytes);
          const parsed: string[][] = chunks.map((chunk) => JSON.parse(chunk));
          expect(parsed.flat()).toEqual(values);
          chunks.forEach((chunk, i) => {
            if (parsed[i]?.length !== 1)
              expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(maxBytes);
          });
        },
      ),
    );
  });

  it("fill up to the byte", () => {
    expect(chunkJson([1, 2, 3, 4], "[1,2]".length)).toEqual(["[1,2]", "[3,4]"]);
    expect(chunkJson(["ü", "ü"], 10)).toEqual(['["ü"]', '["ü"]']);
    expect(chunkJson(["ü", "ü"], 11)).toEqual(['["ü","ü"]']);
    expect(chunkJson([], 10)).toEqual([]);
  });
});
