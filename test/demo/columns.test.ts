import { expect, test } from "vitest";
import { clipToWidth, fitToWidth, measureWidth, wrapToWidth } from "../../demo/columns.ts";

test("Chinese, Japanese and Korean characters and emoji take two columns, accents none of their own", () => {
  expect(measureWidth("田中 美咲")).toBe(9);
  expect(measureWidth("한옥")).toBe(4);
  expect(measureWidth("🚀")).toBe(2);
  expect(measureWidth("Zu\u0308rcher")).toBe(7);
});

test("a text that fits is left alone, a longer one ends in … and never in half a character", () => {
  expect(clipToWidth("Bo Lindqvist", 12)).toBe("Bo Lindqvist");
  expect(clipToWidth("Bo Lindqvist", 11)).toBe("Bo Lindqvi…");
  expect(clipToWidth("田中 美咲", 8)).toBe("田中 美…");
  expect(clipToWidth("👩‍👩‍👧‍👦 family", 4)).toMatch(/^👩.*…$/u);
});

test.each(["ana", "Sofía Navarro, Cedro Textiles", "田中 美咲, みらい工房", "🚀🚀🚀🚀🚀🚀", ""])(
  "%j fills exactly the columns it is given",
  (text) => {
    for (const width of [1, 2, 7, 20]) {
      expect(measureWidth(fitToWidth(text, width))).toBe(width);
      expect(measureWidth(fitToWidth(text, width, "right"))).toBe(width);
    }
  },
);

test("what a stranger typed cannot move the cursor, colour the screen or turn the text around", () => {
  expect(clipToWidth("Eve\u001b[2J\r\nRoot\u202etxt", 40)).toBe("Eve [2J Roottxt");
});

test("a long text is wrapped at blanks, and nothing of it is lost", () => {
  const text = "No rule found a rep: hot matched but nobody in enterprise was eligible.";
  const lines = wrapToWidth(text, 30);
  expect(lines.join(" ")).toBe(text);
  expect(Math.max(...lines.map(measureWidth))).toBeLessThanOrEqual(30);
});
