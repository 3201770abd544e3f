import { execFile } from "node:child_process";
import { constants, existsSync } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { readArguments, usage, UsageError } from "./arguments.ts";
import { BENCHES } from "./benches.ts";
import { describeMachine } from "./report/machine.ts";
import { renderMarkdown } from "./report/markdown.ts";
import type { Report } from "./report/report.ts";
import { runBenches } from "./report/run-benches.ts";
import { renderTerminal } from "./report/terminal.ts";

// `npm run bench`: measures, prints one table, and writes docs/performance.md.

const ROOT = join(import.meta.dirname, "..");
const DOC = join(ROOT, "docs", "performance.md");
const names = Object.keys(BENCHES);
const run = promisify(execFile);

try {
  process.exit(await runBench(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(2);
}

/** Yields the exit code. */
async function runBench(args: readonly string[]): Promise<number> {
  const { only, json, help } = readArguments(args, names);
  if (help) {
    console.log(usage(names));
    return 0;
  }
  if (json !== null) await requireFolder(json);
  await installReferences();
  const report: Report = {
    date: new Date().toISOString(),
    command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    machine: await describeMachine(),
    results: await runBenches(only ?? names, BENCHES, print),
  };
  console.log(`\n${renderTerminal(report)}`);
  if (json !== null) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (only === null) await writeDoc(report);
  return report.results.some((result) => "failure" in result) ? 1 : 0;
}

/** Said now, not after ten minutes. */
async function requireFolder(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`--json: ${folder} is no folder that can be written to`, { cause });
  });
}

/** The packages that only the references need. */
async function installReferences(): Promise<void> {
  if (existsSync(join(import.meta.dirname, "node_modules"))) return;
  print("installing the references' packages");
  await run("npm", ["--prefix", import.meta.dirname, "ci"], { cwd: ROOT });
}

async function writeDoc(report: Report): Promise<void> {
  await writeFile(DOC, renderMarkdown(report));
  // So that `npm run check` finds it in the format of everything else.
  await run(join(ROOT, "node_modules", ".bin", "oxfmt"), [DOC], { cwd: ROOT });
  print(`wrote ${DOC}`);
}

function print(line: string): void {
  console.log(line);
}
