import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours a text for standard output; leaves it plain where that is no terminal or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** The text in lines of at most this many characters, broken at blanks; a longer word stands alone. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/**
 * Rows as lines, each column as wide as its widest cell; the last takes what is left of `width` and is wrapped.
 * @param indent blanks before every line
 */
export function alignRows(
  rows: readonly (readonly string[])[],
  width: number,
  indent: number,
): readonly string[] {
  const gap = "  ";
  const count = Math.max(0, ...rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const before = indent + widths.reduce((sum, each) => sum + each + gap.length, 0);
  return rows.flatMap((row) => {
    const cells = widths.map((each, at) => (row[at] ?? "").padEnd(each) + gap).join("");
    const [first = "", ...more] = wrapText(row[count] ?? "", Math.max(30, width - before));
    return [
      " ".repeat(indent) + cells + first,
      ...more.map((line) => " ".repeat(before) + line),
    ].map((line) => line.trimEnd());
  });
}
