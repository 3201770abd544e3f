import { styleText } from "node:util";

// The terminal: colours, a progress line, and text fitted to columns.

/** The output is laid out for this many columns: a terminal window of ordinary width. */
export const WIDTH = 100;

type Style = Parameters<typeof styleText>[0];

/** Colours text for standard output; leaves it plain if that is not a terminal or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Where the demo writes. One progress line can stay below everything that was printed. */
export interface Terminal {
  print(...lines: readonly string[]): void;
  /** Replaces the progress line; null removes it. Does nothing outside a terminal. */
  showProgress(text: string | null): void;
  /** Whether a progress line can be shown. */
  readonly interactive: boolean;
}

/** The part of a stream that a terminal needs. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const CLEAR_LINE = "\r\u001b[2K";

export function openTerminal(stream: Output): Terminal {
  const interactive = stream.isTTY === true;
  let progress: string | null = null;
  return {
    interactive,
    print(...lines) {
      const shown = progress !== null;
      const text = lines.map((line) => `${line.trimEnd()}\n`).join("");
      stream.write(`${shown ? CLEAR_LINE : ""}${text}${progress ?? ""}`);
    },
    showProgress(text) {
      if (!interactive || text === progress) return;
      if (progress !== null || text !== null) stream.write(`${CLEAR_LINE}${text ?? ""}`);
      progress = text;
    },
  };
}

/** Without a progress line, a line is printed each time this share of the leads is decided. */
const STEP = 0.1;

/** Shows progress: in the progress line of a terminal; elsewhere, if `long`, in a line per tenth. */
export function trackProgress(
  terminal: Terminal,
  total: number,
  long: boolean,
): (counts: { readonly decided: number; readonly posted: number }) => void {
  let lastStep = 0;
  return ({ decided, posted }) => {
    const text = `${decided} decided, ${posted} of ${total} posted`;
    if (terminal.interactive) {
      terminal.showProgress(paint("dim", `▸ ${text}`));
      return;
    }
    const step = Math.floor(decided / (total * STEP));
    if (!long || step <= lastStep) return;
    lastStep = step;
    terminal.print(`▸ ${text}`);
  };
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

// Terminals draw these two columns wide (Unicode Standard Annex 11); a few rare scripts are left out.
const WIDE =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303f\uff01-\uff60]/u;

/**
 * The text on one line, without control or format characters: text from a form or a user's file must
 * not move the cursor or reverse the direction of writing.
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

/** At most this many columns; a cut is marked with "…" and never splits a character. */
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

/** Exactly this many columns, clipped or padded with spaces. */
export function fitToWidth(text: string, width: number, align: "left" | "right" = "left"): string {
  const clipped = clipToWidth(text, width);
  const spaces = " ".repeat(Math.max(0, width - measureWidth(clipped)));
  return align === "left" ? clipped + spaces : spaces + clipped;
}

/** The text in lines of at most this many columns, broken at spaces; a longer word is clipped. */
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
