import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { JsonRecord } from "../../lib/json.ts";
import type { Chain } from "../../rules/chain.ts";
import { UsageError } from "../command.ts";
import { renderMarkdown, renderText } from "../replay/print-report.ts";
import { missingFields, needsOf, replay, type ReplayReport } from "../replay/replay.ts";
import { count } from "../replay/report.ts";
import {
  EXPORT_USAGE,
  type ExportArguments,
  readExportArguments,
  readReplayArguments,
  REPLAY_USAGE,
  type ReplayArguments,
} from "./arguments.ts";
import { openRecord, withSpool, writeFileOfLines } from "./export-file.ts";
import { findChains, loadWorkingChain } from "./load-rules.ts";
import { type LeadColumns, readRouter } from "./read-router.ts";
import { LiveError } from "./router-client.ts";
import type { RulesIo } from "./rules-command.ts";

const FINE = 0;
const NOT_RUN = 2;

/** A command that shows how far it is. Yields its exit code. */
async function runCommand(
  io: RulesIo,
  command: (progress: ProgressLine) => Promise<void>,
  onFailure: string,
): Promise<number> {
  const progress = new ProgressLine(io.now);
  try {
    await command(progress);
    return FINE;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof LiveError)) throw error;
    progress.clear();
    io.err(error.message + onFailure);
    return NOT_RUN;
  }
}

/** `npm run rules -- replay`: past leads through the rules of the working tree. Yields the exit code (see REPLAY_USAGE). */
export async function replayCommand(argv: readonly string[], io: RulesIo): Promise<number> {
  const run = async (progress: ProgressLine) => {
    const options = readReplayArguments(argv, io.env, io.now());
    if (options === null) return io.out(REPLAY_USAGE);
    const { from } = options;
    const work = (path: string) => replayFile(path, options, io, progress);
    if (from.source === "file") return await work(from.path);
    // Of the leads that are only passing through, all that any version of the rules may look at.
    const lines = readRouter(from.address, from.period, { fields: null, company: true }, io);
    await withSpool(lines, (read) => progress.show(() => `reading: ${count(read)} lines`), work);
  };
  return await runCommand(io, run, "");
}

async function replayFile(
  path: string,
  { file, format }: ReplayArguments,
  io: RulesIo,
  progress: ProgressLine,
): Promise<void> {
  const started = io.now();
  const rules = resolve(file);
  const after = await loadWorkingChain(rules);
  const opened = await openRecord(path);
  try {
    const { meta, record, versions } = opened;
    const before = await findBefore(rules, after, versions);
    const missing = missingFields(needsOf([after, ...before.values()]), meta.fields);
    if (missing.length > 0)
      throw new UsageError(
        `The export lacks form fields that the rules look at: ${missing.join(", ")}. Export again with --fields.`,
      );
    const report = replay(record, { after, before }, (done, all) =>
      progress.show(() => `replaying: ${count(done)} of ${count(all)}`),
    );
    progress.clear();
    for (const line of render(report, format, io.width)) io.out(line);
    const figure = tellFigure(report, (io.now() - started) / 1000);
    if (format === "text") io.out(`\n${figure}`);
    else io.err(figure);
  } finally {
    opened.close();
  }
}

/** The rules that decided: those to try, those of the rules.ts beside them, else those of a commit of either. */
async function findBefore(
  rules: string,
  after: Chain,
  versions: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Chain>> {
  const before = new Map<string, Chain>();
  const keep = (chain: Chain) => {
    if (versions.has(chain.version)) before.set(chain.version, chain);
  };
  keep(after);
  const usual = join(dirname(rules), "rules.ts");
  if (usual !== rules && existsSync(usual)) keep(await loadWorkingChain(usual));
  for (const path of new Set([usual, rules]))
    for (const chain of await findChains(path, versions.difference(before))) keep(chain);
  return before;
}

function render(report: ReplayReport, format: ReplayArguments["format"], width: number): string[] {
  if (format === "json") return [JSON.stringify(report, null, 2)];
  return format === "md" ? renderMarkdown(report) : renderText(report, width);
}

/** "100,000 decisions in 21.4 s (4,673 decisions/s), peak memory 310 MB". */
function tellFigure({ proof: { decisions } }: ReplayReport, seconds: number): string {
  const rate = Math.round(decisions / Math.max(seconds, 0.001));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  return `${count(decisions)} decisions in ${seconds.toFixed(1)} s (${count(rate)} decisions/s), peak memory ${count(megabytes)} MB`;
}

/** `npm run rules -- export`: a stretch of the past as a file for `replay --from`. Yields the exit code (see EXPORT_USAGE). */
export async function exportCommand(argv: readonly string[], io: RulesIo): Promise<number> {
  const run = async (progress: ProgressLine) => {
    const options = readExportArguments(argv, io.env, io.now());
    if (options === null) return io.out(EXPORT_USAGE);
    const { address, period, out } = options;
    const lines = readRouter(address, period, await columnsOf(options), io);
    let written = 0;
    const onLine = () => {
      written += 1;
      progress.show(() => `writing: ${count(written)} lines`);
    };
    if (out === null) await printLines(lines, io, onLine);
    else await writeFileOfLines(out, lines, onLine);
    progress.clear();
    io.err(`${count(written)} lines${out === null ? "" : ` in ${out}`}`);
  };
  return await runCommand(io, run, " The export is incomplete.");
}

async function printLines(
  lines: AsyncIterable<JsonRecord>,
  io: RulesIo,
  onLine: () => void,
): Promise<void> {
  for await (const line of lines) {
    io.out(JSON.stringify(line));
    onLine();
  }
}

/** What an export keeps of leads: what was asked for, else what the rules look at. */
async function columnsOf({ fields, file }: ExportArguments): Promise<LeadColumns> {
  if (fields === "all") return { fields: null, company: true };
  const needs = needsOf([await loadWorkingChain(resolve(file))]);
  return { fields: fields ?? needs.fields, company: needs.company };
}

/** Milliseconds between two changes of the line: what people can read. */
const PACE_MS = 200;
const CLEAR_LINE = "\r\u001b[2K";

/** One line that says how far the work is; nothing where there is no terminal. */
class ProgressLine {
  readonly #now: () => number;
  #shownAt = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  show(text: () => string): void {
    if (!process.stderr.isTTY || this.#now() - this.#shownAt < PACE_MS) return;
    this.#shownAt = this.#now();
    process.stderr.write(`${CLEAR_LINE}${text()}`);
  }

  clear(): void {
    if (this.#shownAt !== -Infinity) process.stderr.write(CLEAR_LINE);
    this.#shownAt = -Infinity;
  }
}
