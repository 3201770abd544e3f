import { processIo } from "../command.ts";
import { readConfig } from "../deploy/environment.ts";
import { terminal } from "../deploy/terminal.ts";
import { runWrangler } from "../deploy/wrangler.ts";
import { restoreCommand } from "./restore-command.ts";

process.exitCode = await restoreCommand(process.argv.slice(2), {
  ...processIo,
  wrangler: runWrangler,
  readConfig: () => readConfig(),
  ask: process.stdin.isTTY ? terminal.ask : null,
  fetch,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  now: Date.now,
});
