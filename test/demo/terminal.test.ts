import { expect, test } from "vitest";
import {
  clipToWidth,
  fitToWidth,
  measureWidth,
  openTerminal,
  wrapToWidth,
} from "../../demo/terminal.ts";

test("Chinese, Japanese and Korean characters and emoji take two columns, accents none", () => {
  expect(measureWidth("田中 美咲")).toBe(9);
  expect(measureWidth("한옥")).toBe(4);
  expect(measureWidth("🚀")).toBe(2);
  expect(measureWidth("Zu\u0308rcher")).toBe(7);
});

test("a text that fits is unchanged; a longer one ends in … and never splits a character", () => {
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

test("text from a form cannot move the cursor, colour the screen or reverse the text", () => {
  expect(clipToWidth("Eve\u001b[2J\r\nRoot\u202etxt", 40)).toBe("Eve [2J Roottxt");
});

test("a long text is wrapped at spaces, and nothing is lost", () => {
  const text = "No rule found a rep: hot matched but nobody in enterprise was eligible.";
  const lines = wrapToWidth(text, 30);
  expect(lines.join(" ")).toBe(text);
  expect(Math.max(...lines.map(measureWidth))).toBeLessThanOrEqual(30);
});

test("the progress line stays below the printed text, and is removed at the end", () => {
  const written: string[] = [];
  const terminal = openTerminal({ isTTY: true, write: (text) => written.push(text) });
  terminal.showProgress("1 of 2");
  terminal.print("a lead");
  terminal.showProgress(null);
  const clear = "\r\u001b[2K";
  expect(written.join("")).toBe(`${clear}1 of 2${clear}a lead\n1 of 2${clear}`);
});

test("outside a terminal there is no progress line", () => {
  const written: string[] = [];
  const terminal = openTerminal({ write: (text) => written.push(text) });
  terminal.showProgress("1 of 2");
  terminal.print("a lead");
  expect(written).toEqual(["a lead\n"]);
});
