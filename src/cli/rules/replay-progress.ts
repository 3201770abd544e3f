/** As much of standard error as is needed. */
interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Milliseconds between two changes of the line: what people can read. */
const PACE_MS = 200;
const CLEAR_LINE = "\r\u001b[2K";

/** One line that says how far the work is; nothing where there is no terminal. */
export class ProgressLine {
  readonly #screen: Screen;
  readonly #now: () => number;
  #shownAt = -Infinity;

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
  }

  show(text: () => string): void {
    if (this.#screen.isTTY !== true || this.#now() - this.#shownAt < PACE_MS) return;
    this.#shownAt = this.#now();
    this.#screen.write(`${CLEAR_LINE}${text()}`);
  }

  clear(): void {
    if (this.#shownAt !== -Infinity) this.#screen.write(CLEAR_LINE);
    this.#shownAt = -Infinity;
  }
}
