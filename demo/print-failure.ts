import { toPrintable } from "./columns.ts";
import { UsageError } from "./arguments.ts";
import { paint } from "./terminal.ts";

/** One message for whatever stopped the demo, with what to do about it. */
export function renderFailure(error: unknown, logs: readonly string[]): string[] {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return ["", paint("red", message), ""];
  return [
    "",
    paint(["bold", "red"], "The demo stopped."),
    ...message.split("\n").map((line) => `  ${line}`),
    "",
    ...renderLogs(logs),
    "What to do: `npm ci` puts every package in place, `npm run check` finds mistakes in rules.ts and src.",
    "If both are fine, please open an issue with this output.",
    "",
  ];
}

/** The worker's last words, one line each. */
export function renderLogs(logs: readonly string[]): string[] {
  if (logs.length === 0) return [];
  const lines = logs.map((line) => `  ${toPrintable(line)}`);
  return ["The last the worker logged:", ...lines, ""];
}
