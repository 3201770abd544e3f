import { resolve } from "node:path";
import { needsOf } from "../replay/chain-needs.ts";
import { count } from "../replay/report-words.ts";
import { UsageError } from "./arguments.ts";
import { EXPORT_USAGE, readExportArguments, type ExportArguments } from "./replay-arguments.ts";
import { loadWorkingChain } from "./replay-chains.ts";
import { ProgressLine } from "./replay-progress.ts";
import { readRouter, type LeadColumns } from "./replay-read-router.ts";
import { writeFileOfLines } from "./replay-spool.ts";
import { LiveError } from "./router-client.ts";
import type { CommandIo } from "./rules-command.ts";

const FINE = 0;
const NOT_RUN = 2;

/** `npm run rules -- export`: a stretch of the past as a file for `replay --from`. Yields the exit code (see EXPORT_USAGE). */
export async function exportCommand(argv: readonly string[], io: CommandIo): Promise<number> {
  const progress = new ProgressLine(process.stderr, io.now);
  try {
    const options = readExportArguments(argv, io.env, io.now());
    if (options === null) {
      io.out(EXPORT_USAGE);
      return FINE;
    }
    const lines = readRouter(options.address, options.period, await columnsOf(options), io);
    let written = 0;
    const show = () => progress.show(() => `writing: ${count(written)} lines`);
    if (options.out === null) {
      for await (const line of lines) {
        io.out(JSON.stringify(line));
        written += 1;
        show();
      }
    } else
      await writeFileOfLines(options.out, lines, (lineCount) => {
        written = lineCount;
        show();
      });
    progress.clear();
    io.err(`${count(written)} lines${options.out === null ? "" : ` in ${options.out}`}`);
    return FINE;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof LiveError)) throw error;
    progress.clear();
    io.err(`${error.message} What was written so far is no whole export.`);
    return NOT_RUN;
  }
}

/** What an export keeps of leads: what was asked for, else what the rules look at. */
async function columnsOf({ fields, file }: ExportArguments): Promise<LeadColumns> {
  if (fields === "all") return { fields: null, company: true };
  const needs = needsOf([await loadWorkingChain(resolve(file))]);
  return { fields: fields ?? needs.fields, company: needs.company };
}
