import { paint, type Terminal } from "./terminal.ts";

/** Part of the leads after which a line is printed where no progress line can be seen. */
const STEP = 0.1;

/** Tells how far the leads are: in a line of its own in a terminal, else, where `long`, in a line per tenth. */
export function trackProgress(
  terminal: Terminal,
  total: number,
  long: boolean,
): (counts: { readonly decided: number; readonly posted: number }) => void {
  let told = 0;
  return ({ decided, posted }) => {
    const text = `${decided} decided, ${posted} of ${total} posted`;
    if (terminal.interactive) {
      terminal.showProgress(paint("dim", `▸ ${text}`));
      return;
    }
    const step = Math.floor(decided / (total * STEP));
    if (!long || step <= told) return;
    told = step;
    terminal.print(`▸ ${text}`);
  };
}
