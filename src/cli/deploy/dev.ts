import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { devVariables } from "./dev-variables.ts";
import { readConfig, readEnvironment } from "./environment.ts";

// `npm run dev`: wrangler dev with all of .dev.vars. What else is on the command line goes on to wrangler.

const variables = existsSync(".dev.vars") ? parseEnv(readFileSync(".dev.vars", "utf8")) : {};
const { requiredSecrets, flag } = readEnvironment(readConfig(), null);
const child = spawn(
  "wrangler",
  ["dev", flag, ...devVariables(variables, requiredSecrets), ...process.argv.slice(2)],
  { stdio: "inherit" },
);
// Ctrl-C reaches both: wrangler ends in its own time, and its exit code is this one's.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
