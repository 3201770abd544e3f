import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OFFLINE } from "../../demo/router.ts";

const ROOT = join(import.meta.dirname, "../..");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
/** What the worker is built from. */
const SOURCES = ["package.json", "tsconfig.json", "wrangler.toml", "rules.ts", "src", "migrations"];

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** A copy of the project and processes, neither of which outlives this process. */
export interface Sandbox {
  /** Where wrangler runs. */
  readonly folder: string;
  /** Starts wrangler as the leader of its own process group, its output appended to the log. */
  runWrangler(args: readonly string[]): ChildProcess;
  /** Everything that wrangler and the worker have written. */
  readLog(): string;
}

/**
 * Copies the project to a fresh folder: whoever edits it meanwhile does not change what is tested, and what wrangler
 * leaves behind when it is killed stays out of it. However this process ends, short of a SIGKILL of its own, the
 * process groups started in the folder are killed and the folder is removed; synchronously on exit, so that nothing
 * can start in between.
 */
export function openSandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), "lead-router-crash-"));
  for (const source of SOURCES)
    cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const logPath = join(folder, "worker.log");
  const log = openSync(logPath, "a");
  const running = new Set<ChildProcess>();

  process.once("exit", () => {
    for (const child of running) killGroup(child);
    // What was just killed may still be closing its files.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(INTERRUPTED));
  }

  return {
    folder,
    runWrangler(args) {
      const child = spawn(process.execPath, [WRANGLER, ...args], {
        cwd: folder,
        detached: true,
        stdio: ["ignore", log, log],
        env: { ...process.env, ...OFFLINE, FORCE_COLOR: "0" },
      });
      running.add(child);
      child.once("exit", () => running.delete(child));
      return child;
    },
    readLog: () => readFileSync(logPath, "utf8"),
  };
}

/** SIGKILL to everything the child started, workerd included. */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ESRCH";
    if (!gone) throw error;
  }
}
