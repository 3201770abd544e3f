import { processIo } from "../command.ts";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rulesCommand } from "../rules/rules-command.ts";
import { deployCommand } from "./deploy-command.ts";
import { loadDeclaredRules } from "./load-declared-rules.ts";
import { readConfig } from "./environment.ts";
import { runWrangler } from "./wrangler.ts";

const CONFIG = "wrangler.toml";
/** How long one call of the deployed router may take. */
const FETCH_LIMIT_MS = 10_000;

process.exitCode = await deployCommand(process.argv.slice(2), {
  ...processIo,
  wrangler: runWrangler,
  readConfig: () => readConfig(CONFIG),
  readConfigText: () => readFileSync(CONFIG, "utf8"),
  writeConfigText: (text) => writeFileSync(CONFIG, text),
  loadRules: loadDeclaredRules,
  checkRules,
  checkTypes,
  withOutputFile,
  fetch: (url, init) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(FETCH_LIMIT_MS), redirect: "manual" }),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});

/** `npm run rules`, findings and all: a warning is shown, an error stops. */
async function checkRules(): Promise<boolean> {
  const width = Math.min(process.stdout.columns ?? 110, 140);
  return (await rulesCommand([], { ...processIo, env: {}, fetch, now: Date.now, width })) === 0;
}

async function checkTypes(): Promise<boolean> {
  const tsc = join(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc], { stdio: "inherit" });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.once("close", (code) => resolve(code === 0));
  return await promise;
}

async function withOutputFile(use: (path: string) => Promise<void>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lead-router-deploy-"));
  try {
    const path = join(folder, "output.ndjson");
    writeFileSync(path, "");
    await use(path);
    return readFileSync(path, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
