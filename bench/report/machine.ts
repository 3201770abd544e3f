import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";
import { promisify } from "node:util";

/** What a run was measured with. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly node: string;
  readonly workerd: string;
  readonly wrangler: string;
  /** The commit that was checked out, with "+" when files differed from it; null where that is not known. */
  readonly commit: string | null;
}

const require = createRequire(import.meta.url);

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.versions.node,
    workerd: versionOf("workerd"),
    wrangler: versionOf("wrangler"),
    commit: await readCommit(),
  };
}

function versionOf(name: string): string {
  const { version } = require(`${name}/package.json`) as { version: string };
  return version;
}

async function readCommit(): Promise<string | null> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", args, { cwd: import.meta.dirname })).stdout.trim();
  try {
    const [commit, changes] = await Promise.all([
      git("rev-parse", "--short", "HEAD"),
      git("status", "--porcelain", "--untracked-files=no"),
    ]);
    return changes === "" ? commit : `${commit}+`;
  } catch {
    // No repository, or no git: the figures are as good.
    return null;
  }
}
