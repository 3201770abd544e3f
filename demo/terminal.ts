import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Colours a text for standard output; leaves it plain where that is no terminal or NO_COLOR is set. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Where the demo writes. One progress line may stand below everything that was printed. */
export interface Terminal {
  print(...lines: readonly string[]): void;
  /** Replaces the progress line; null takes it away. Outside a terminal there is none. */
  showProgress(text: string | null): void;
  /** Whether a progress line can be seen. */
  readonly interactive: boolean;
}

/** As much of a stream as is needed. */
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
