import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Chain } from "../../rules/chain.ts";
import { missingFields, needsOf } from "../replay/chain-needs.ts";
import { replay } from "../replay/replay.ts";
import { renderMarkdown } from "../replay/report-markdown.ts";
import { renderText } from "../replay/report-text.ts";
import { count } from "../replay/report-words.ts";
import type { ReplayReport } from "../replay/report.ts";
import { UsageError } from "./arguments.ts";
import { readReplayArguments, REPLAY_USAGE, type ReplayArguments } from "./replay-arguments.ts";
import { findChains, loadWorkingChain } from "./replay-chains.ts";
import { openRecord } from "./replay-file.ts";
import { ProgressLine } from "./replay-progress.ts";
import { readRouter } from "./replay-read-router.ts";
import { withSpool } from "./replay-spool.ts";
import { LiveError } from "./router-client.ts";
import type { CommandIo } from "./rules-command.ts";

const FINE = 0;
const NOT_RUN = 2;

/** `npm run rules -- replay`: past leads through the rules of the working tree. Yields the exit code (see REPLAY_USAGE). */
export async function replayCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const progress = new ProgressLine(process.stderr, io.now);
  try {
    const options = readReplayArguments(argv, io.env, io.now());
    if (options === null) {
      io.out(REPLAY_USAGE);
      return FINE;
    }
    await run(options, io, progress);
    return FINE;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof LiveError)) throw error;
    progress.clear();
    io.err(error.message);
    return NOT_RUN;
  }
}

async function run(options: ReplayArguments, io: CommandIo, progress: ProgressLine): Promise<void> {
  const { from } = options;
  if (from.source === "file") return await replayFile(from.path, options, io, progress);
  // Of the leads that are only passing through, whatever any version of the rules may look at.
  const lines = readRouter(from.address, from.period, { fields: null, company: true }, io);
  const onLine = (lineCount: number) => progress.show(() => `reading: ${count(lineCount)} lines`);
  await withSpool(lines, onLine, (path) => replayFile(path, options, io, progress));
}

async function replayFile(
  path: string,
  { file, format }: ReplayArguments,
  io: CommandIo,
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
    print(report, format, io);
    const figure = tellFigure(report, (io.now() - started) / 1000);
    if (format === "text") ["", figure].forEach(io.out);
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
  const take = (chain: Chain) => {
    if (versions.has(chain.version)) before.set(chain.version, chain);
  };
  take(after);
  const usual = join(dirname(rules), "rules.ts");
  if (usual !== rules && existsSync(usual)) take(await loadWorkingChain(usual));
  for (const path of new Set([usual, rules])) {
    const missing = new Set([...versions].filter((version) => !before.has(version)));
    for (const chain of await findChains(path, missing)) take(chain);
  }
  return before;
}

function print(report: ReplayReport, format: ReplayArguments["format"], io: CommandIo): void {
  const lines =
    format === "json"
      ? [JSON.stringify(report, null, 2)]
      : format === "md"
        ? renderMarkdown(report)
        : renderText(report, io.width);
  for (const line of lines) io.out(line);
}

/** "100,000 leads in 21.4 s (4,673 leads/s), peak memory 310 MB". */
function tellFigure({ proof: { decisions } }: ReplayReport, seconds: number): string {
  const rate = Math.round(decisions / Math.max(seconds, 0.001));
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  return `${count(decisions)} decisions in ${seconds.toFixed(1)} s (${count(rate)} decisions/s), peak memory ${count(megabytes)} MB`;
}
