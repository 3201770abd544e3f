import { execFile, execFileSync } from "node:child_process";
import { registerHooks } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Chain } from "../../rules/chain.ts";
import { UsageError } from "./arguments.ts";
import { findDefaultChain } from "./default-chain.ts";

const run = promisify(execFile);

/** Marks a module as one of a commit's, and not of the working tree's. */
const REVISION = "revision";
/** Commits that changed the rules and are tried, the newest first: some seconds. */
const MOST_COMMITS = 500;

/**
 * Loads the rules of the working tree.
 * @throws {UsageError} with what the file says itself, when it makes no chain
 */
export async function loadWorkingChain(path: string): Promise<Chain> {
  try {
    return chainOf(await import(pathToFileURL(path).href));
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be used: ${says}`, { cause: error });
  }
}

/**
 * Finds the chains of these versions in the history of the file, by what its rules say: each commit's file is loaded, with the
 * files beside it that it imports, until all versions are found. What cannot be loaded any more, or is in no commit, is
 * left out. Yields nothing where there is no Git.
 * @param path of rules.ts; its own folder is where "lead-router" resolves from
 */
export async function findChains(
  path: string,
  versions: ReadonlySet<string>,
): Promise<readonly Chain[]> {
  const found = new Map<string, Chain>();
  if (versions.size === 0) return [];
  const hooks = hookRevisions(dirname(path));
  try {
    for (const commit of await listCommits(path)) {
      const chain = await loadRevision(path, commit);
      if (chain === null || found.has(chain.version) || !versions.has(chain.version)) continue;
      found.set(chain.version, chain);
      if (found.size === versions.size) break;
    }
    return [...found.values()];
  } finally {
    hooks.deregister();
  }
}

async function listCommits(path: string): Promise<string[]> {
  try {
    const wanted = ["log", `--max-count=${MOST_COMMITS}`, "--format=%H", "--", path];
    const { stdout } = await run("git", wanted, { cwd: dirname(path) });
    return stdout.split("\n").filter((line) => line !== "");
  } catch {
    // No Git, or no repository: the versions are not to be found, and the report says so.
    return [];
  }
}

async function loadRevision(path: string, commit: string): Promise<Chain | null> {
  try {
    return chainOf(await import(`${pathToFileURL(path).href}?${REVISION}=${commit}`));
  } catch {
    // Rules of a time when the router's own functions were others: they cannot be replayed by today's.
    return null;
  }
}

/** Has Node load a module that names a revision, and what it imports from beside itself, from Git. */
function hookRevisions(root: string) {
  return registerHooks({
    resolve(specifier, context, next) {
      const parent = context.parentURL;
      const commit = parent === undefined ? null : new URL(parent).searchParams.get(REVISION);
      if (parent === undefined || commit === null || !specifier.startsWith("."))
        return next(specifier, context);
      const url = new URL(specifier, parent);
      url.searchParams.set(REVISION, commit);
      return { url: url.href, format: "module-typescript", shortCircuit: true };
    },
    load(url, context, next) {
      const commit = url.startsWith("file:") ? new URL(url).searchParams.get(REVISION) : null;
      if (commit === null) return next(url, context);
      const file = fileURLToPath(url.split("?")[0] ?? url);
      const source = readRevision(root, commit, file);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

function readRevision(root: string, commit: string, file: string): string {
  const name = `${commit}:./${relative(root, resolve(file))}`;
  // Node's hooks answer at once; what Git says of a file it does not have is no news to anybody.
  return execFileSync("git", ["show", name], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function chainOf(loaded: unknown): Chain {
  const chain = findDefaultChain(loaded);
  if (chain === null) throw new Error("its default export is no chain.");
  return chain;
}
