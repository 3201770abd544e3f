import { describe, expect, it } from "vitest";
import { showText } from "../../../src/notify/slack/format.ts";

const show = (text: string, limit = 100) => showText(text, limit);

describe("text from outside", () => {
  it.each([
    [
      "markup, which plain text shows as it is",
      "<!channel> *b* `c` &amp;",
      "<!channel> *b* `c` &amp;",
    ],
    ["line breaks", "a\nb\r\n> c\u2028d\u0000e", "a b > c d e"],
    ["controls of writing direction", "\u202Egnp.exe\u202C \u2067x\u2069\u200F", "gnp.exe x"],
    ["what has no width", "ad\u200Bmin\uFEFF\u2060 \u00ADx\u034F", "admin x"],
    ["fillers that look like nothing", "\u3164\u115F\u1160", ""],
    ["hidden tags", "Jane\u{E0049}\u{E0067}\u{E006E}", "Jane"],
    ["marks without a letter", "\u0301\u0308Jane", "Jane"],
    ["a joiner at the end", "Jane\u200D", "Jane"],
    ["half of an emoji", "a\uD83D", "a\uFFFD"],
  ])("is shown without %s", (_what, typed, shown) => {
    expect(show(typed)).toBe(shown);
  });

  it("keeps what languages and emoji are made of", () => {
    for (const text of ["José Ñandú", "Nguyễn Thị", "田中 美咲", "❤️‍🔥 👩🏽‍🚀", "नमस्ते", "ภาษาไทย"])
      expect(show(text)).toBe(text.normalize("NFC"));
  });

  it("that is written from right to left is set apart, so that it turns nothing round beside it", () => {
    expect(show("שרה כהן")).toBe("\u2068שרה כהן\u2069");
    expect(show("علی می‌خواهد")).toBe("\u2068علی می‌خواهد\u2069");
    expect(show("ש".repeat(500), 20)).toHaveLength(20);
  });

  it("does not grow over the lines around it: four marks a letter", () => {
    const zalgo = `Z${"\u0336\u0337\u0338\u0339\u033A".repeat(50)}algo`;
    expect(show(zalgo)).toMatch(/^Z\p{M}{4}algo$/u);
  });

  it.each([1, 2, 5, 17, 60])("is cut to %i characters, and no character in half", (limit) => {
    for (const typed of [
      "x".repeat(10_000),
      "👩🏽‍🚀".repeat(1_500),
      "e\u0301".repeat(5_000),
      "👩‍".repeat(5_000),
    ]) {
      const shown = show(typed, limit);
      expect(shown.length).toBeLessThanOrEqual(limit);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown.endsWith("…")).toBe(true);
    }
    expect(show("👩🏽‍🚀".repeat(9), 20)).toBe("👩🏽‍🚀👩🏽‍🚀…");
  });
});
