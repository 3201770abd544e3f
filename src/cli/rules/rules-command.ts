import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Chain } from "../../rules/chain.ts";
import { checkChain } from "../check/check-chain.ts";
import { checkLive, readLive } from "../check/check-live.ts";
import { type Finding, joinReports, type Report } from "../check/finding.ts";
import { type CommandIo, UsageError } from "../command.ts";
import { readArguments, type RulesArguments, USAGE } from "./arguments.ts";
import { checkTypes } from "./check-types.ts";
import { type LoadedRules, loadRules, nameFile } from "./load-rules.ts";
import { renderChain, renderReport } from "./print-rules.ts";
import { LiveError } from "./router-client.ts";

/** What the commands of `npm run rules` touch outside themselves. */
export interface RulesIo extends CommandIo {
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Columns of the terminal. */
  readonly width: number;
}

const FINE = 0;
const WRONG = 1;
const NOT_RUN = 2;

/** `npm run rules`: prints the rules and what is suspicious about them. Yields the exit code (see USAGE). */
export async function rulesCommand(args: readonly string[], io: RulesIo): Promise<number> {
  try {
    const options = readArguments(args, io.env);
    if (!options.help) return await check(options, io);
    io.out(USAGE);
    return FINE;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(error.message);
    return NOT_RUN;
  }
}

async function check({ file, json, strict, live }: RulesArguments, io: RulesIo): Promise<number> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`There is no file ${file}.`);
  const [types, rules] = await Promise.all([checkTypes(path), loadRules(path)]);
  const chain = rules.outcome === "loaded" ? rules.chain : null;
  const asked = live === null || chain === null ? NOT_ASKED : await askLive(live, chain, io);
  const report = joinReports(reportTypes(types), reportRules(rules, types ?? []), asked.report);
  const { findings, notes } = report;
  if (json) {
    const version = chain?.version ?? null;
    io.out(JSON.stringify({ version, findings, notes, liveProblem: asked.problem }, null, 2));
  } else {
    const table = chain === null ? [] : [...renderChain(chain, nameFile(path), io.width), ""];
    for (const line of [...table, ...renderReport(report, io.width)]) io.out(line);
    if (asked.problem !== null) io.err(`The live router was not checked: ${asked.problem}`);
  }
  if (asked.problem !== null) return NOT_RUN;
  return findings.some(({ severity }) => strict || severity === "error") ? WRONG : FINE;
}

function reportTypes(types: readonly Finding[] | null): Report {
  return types === null
    ? { findings: [], notes: ["The types were not checked: there is no TypeScript compiler here."] }
    : { findings: types, notes: [] };
}

function reportRules(rules: LoadedRules, types: readonly Finding[]): Report {
  if (rules.outcome === "loaded") return checkChain(rules.chain, rules.declared);
  // What the compiler said of the same line, it said better.
  const lines = new Set(types.map(lineOf));
  return { findings: rules.findings.filter((finding) => !lines.has(lineOf(finding))), notes: [] };
}

/** "rules.ts:12" */
function lineOf({ at = "" }: Finding): string {
  return at.split(":").slice(0, 2).join(":");
}

interface LiveOutcome {
  readonly report: Report;
  /** Why the live router could not be asked, in words; null when it was, or when nobody wanted it. */
  readonly problem: string | null;
}

const NOT_ASKED: LiveOutcome = { report: { findings: [], notes: [] }, problem: null };

async function askLive(
  address: NonNullable<RulesArguments["live"]>,
  chain: Chain,
  io: RulesIo,
): Promise<LiveOutcome> {
  try {
    return { ...NOT_ASKED, report: checkLive(chain, await readLive(address, io)) };
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    return { ...NOT_ASKED, problem: error.message };
  }
}
