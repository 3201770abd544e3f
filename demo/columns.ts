/** Columns the output is made for: a terminal window of ordinary width. */
export const WIDTH = 100;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

// Terminals draw these two columns wide (Unicode Standard Annex 11); a few rare scripts are left out.
const WIDE =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303f\uff01-\uff60]/u;

/**
 * The text on one line and without control or format characters: what a stranger typed into a form, or
 * a file of theirs, must not move the cursor or turn the text around.
 */
export function toPrintable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").replace(/\p{Cf}/gu, "");
}

/** Terminal columns of a printable text. */
export function measureWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** At most this many columns, a cut marked with "…". Never half a character. */
export function clipToWidth(text: string, width: number): string {
  const printable = toPrintable(text);
  if (measureWidth(printable) <= width) return printable;
  let clipped = "";
  let used = 0;
  for (const { segment } of graphemes.segment(printable)) {
    used += WIDE.test(segment) ? 2 : 1;
    if (used > width - 1) break;
    clipped += segment;
  }
  return `${clipped.trimEnd()}…`;
}

/** Exactly this many columns, clipped or filled up with blanks. */
export function fitToWidth(text: string, width: number, align: "left" | "right" = "left"): string {
  const clipped = clipToWidth(text, width);
  const blanks = " ".repeat(Math.max(0, width - measureWidth(clipped)));
  return align === "left" ? clipped + blanks : blanks + clipped;
}

/** The text in lines of at most this many columns, broken at blanks; a longer word is clipped. */
export function wrapToWidth(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of toPrintable(text).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measureWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = clipToWidth(word, width);
  }
  return line === "" ? lines : [...lines, line];
}
