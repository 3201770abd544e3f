import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { OFFLINE } from "../../demo/router.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const WRANGLER = join(ROOT, "node_modules", "wrangler", "bin", "wrangler.js");
const run = promisify(execFile);

/** What `wrangler deploy` would upload. */
export interface Built {
  /** Path of the one module. */
  readonly module: string;
  /** Path of the whole upload, as `wrangler check startup` takes it. */
  readonly upload: string;
  /** Bytes of the bundle by where they come from, the most first: a package, or the router itself. */
  readonly parts: readonly (readonly [name: string, bytes: number])[];
}

/** Builds the Worker of wrangler.toml into a folder, and uploads nothing. */
export async function buildWorker(folder: string): Promise<Built> {
  const [upload, metafile] = [join(folder, "upload"), join(folder, "meta.json")];
  await callWrangler(
    "deploy",
    "--dry-run",
    "--outdir",
    folder,
    "--outfile",
    upload,
    "--metafile",
    metafile,
  );
  const meta: unknown = JSON.parse(await readFile(metafile, "utf8"));
  return { module: join(folder, "index.js"), upload, parts: sumParts(meta) };
}

/**
 * Milliseconds of CPU until the Worker's module is evaluated: what the profile of `wrangler check startup` holds beside idle.
 */
export async function profileStartup(upload: string, folder: string): Promise<number> {
  const outfile = join(folder, "startup.cpuprofile");
  await callWrangler("check", "startup", "--worker", upload, "--outfile", outfile);
  const profile: unknown = JSON.parse(await readFile(outfile, "utf8"));
  if (!isProfile(profile)) throw new Error("wrangler check startup wrote no profile");
  const idle = profile.nodes.find(({ callFrame }) => callFrame.functionName === "(idle)")?.id;
  const active = profile.timeDeltas.filter((_, at) => profile.samples[at] !== idle);
  return active.reduce((sum, microseconds) => sum + microseconds, 0) / 1000;
}

async function callWrangler(...command: readonly string[]): Promise<void> {
  // The top level of wrangler.toml, whatever environments are beside it.
  await run(process.execPath, [WRANGLER, ...command, "--env", ""], {
    cwd: ROOT,
    env: { ...process.env, ...OFFLINE },
  });
}

function sumParts(meta: unknown): Built["parts"] {
  if (!isMetafile(meta)) throw new Error("wrangler wrote no metafile");
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(meta.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const part = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "the router itself";
      bytes.set(part, (bytes.get(part) ?? 0) + bytesInOutput);
    }
  return [...bytes].toSorted(([, a], [, b]) => b - a);
}

interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }
    >
  >;
}

function isMetafile(value: unknown): value is Metafile {
  return typeof value === "object" && value !== null && "outputs" in value;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

function isProfile(value: unknown): value is Profile {
  return (
    typeof value === "object" &&
    value !== null &&
    ["nodes", "samples", "timeDeltas"].every((key) => key in value)
  );
}
