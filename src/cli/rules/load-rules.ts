import { execFile, execFileSync } from "node:child_process";
import { registerHooks } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { isRecord } from "../../lib/json.ts";
import type { Chain } from "../../rules/chain.ts";
import type { Pod } from "../../rules/pod.ts";
import { about, explainRefusal, type Finding } from "../check/finding.ts";
import { UsageError } from "../command.ts";
import { recorded } from "./recording-chain.ts";

export type LoadedRules =
  | {
      readonly outcome: "loaded";
      readonly chain: Chain;
      /** Every pod the file makes, used or not. */
      readonly declared: readonly Pod[];
    }
  | { readonly outcome: "refused"; readonly findings: readonly Finding[] };

const RECORDING_CHAIN = new URL("recording-chain.ts", import.meta.url).href;

/**
 * Loads a rules.ts, whose "lead-router" is for so long one that records. What the file throws, or what it exports instead of
 * a chain, comes back as findings with their place in the file. Once per process and file: Node keeps modules.
 */
export async function loadRules(path: string): Promise<LoadedRules> {
  recorded.pods = [];
  recorded.problems = [];
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === "lead-router" ? RECORDING_CHAIN : specifier, context),
  });
  try {
    const chain = findDefaultChain(await import(pathToFileURL(path).href));
    return chain !== null
      ? { outcome: "loaded", chain, declared: recorded.pods }
      : { outcome: "refused", findings: [NO_CHAIN] };
  } catch (error) {
    return { outcome: "refused", findings: explainFailure(error) };
  } finally {
    hooks.deregister();
  }
}

/** The chain that a module exports by default; null if it exports something else. */
export function findDefaultChain(loaded: unknown): Chain | null {
  // A module is an object without a prototype, and not one of JSON's.
  const chain =
    typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : null;
  return isChain(chain) ? chain : null;
}

function isChain(value: unknown): value is Chain {
  return (
    isRecord(value) &&
    Array.isArray(value["rules"]) &&
    Array.isArray(value["pods"]) &&
    typeof value["version"] === "string"
  );
}

const NO_CHAIN: Finding = {
  ...about("error", "does_not_load"),
  says: "The file's default export is not a chain.",
  advice: "End it with export default chain(…).",
};

function explainFailure(error: unknown): readonly Finding[] {
  const findings =
    recorded.problems.length > 0 ? explainRefusal(recorded.problems) : [broken(error)];
  const at = findPlace(error);
  return at === null ? findings : findings.map((finding) => ({ ...finding, at }));
}

function broken(error: unknown): Finding {
  const [kind, advice] =
    error instanceof SyntaxError
      ? (["does_not_compile", "Fix this line."] as const)
      : (["does_not_load", "Fix this line; the Worker cannot start with it."] as const);
  const says = error instanceof Error ? error.message : String(error);
  return { ...about("error", kind), says: `${says}.`, advice };
}

/** The folder of the package, whose own code is never where a mistake in somebody's rules is. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url).href);

/** A file as it is called from here: "rules.ts". */
export function nameFile(path: string): string {
  return relative(process.cwd(), path);
}

/** Whether a path leads to the router's own code or to a package. */
export function isOwnCode(path: string): boolean {
  return path.startsWith(`${ROOT}src/`) || path.includes("/node_modules/");
}

/** Where an error comes from: of all files that its stack names, the first that is the user's: "rules.ts:12:3". */
function findPlace(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const places = (error.stack ?? "").matchAll(
    /(?<path>(?:file:\/\/)?\/[^\s()]+?\.[cm]?[jt]s)(?:\?[^\s:)]*)?:(?<line>\d+)(?<column>:\d+)?/g,
  );
  for (const { groups = {} } of places) {
    const { path = "", line = "", column = "" } = groups;
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (!isOwnCode(file)) return `${nameFile(file)}:${line}${column}`;
  }
  return null;
}

/**
 * Loads the rules of the working tree.
 * @throws {UsageError} with what the file says itself, when it makes no chain
 */
export async function loadWorkingChain(path: string): Promise<Chain> {
  try {
    const chain = findDefaultChain(await import(pathToFileURL(path).href));
    if (chain === null) throw new Error("its default export is not a chain.");
    return chain;
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} cannot be used: ${says}`, { cause: error });
  }
}

const run = promisify(execFile);
/** Marks a module as one of a commit's, and not of the working tree's. */
const REVISION = "revision";
/** Commits that changed the rules and are tried, the newest first: some seconds. */
const MOST_COMMITS = 500;

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
      if (chain !== null && versions.has(chain.version) && !found.has(chain.version))
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
    // No Git, or no repository: the versions cannot be found, and the report says so.
    return [];
  }
}

async function loadRevision(path: string, commit: string): Promise<Chain | null> {
  try {
    return findDefaultChain(await import(`${pathToFileURL(path).href}?${REVISION}=${commit}`));
  } catch {
    // Rules of a time when the router's own functions were others: they cannot be replayed by today's.
    return null;
  }
}

/** Makes Node load a module that names a revision, and what it imports from beside itself, from Git. */
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
      const source = readRevision(root, `${commit}:./${relative(root, resolve(file))}`);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}

/** Node's hooks are synchronous. Git's complaint about a file that it does not have is of no interest to anybody. */
function readRevision(root: string, name: string): string {
  const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
  return execFileSync("git", ["show", name], { cwd: root, encoding: "utf8", stdio });
}
