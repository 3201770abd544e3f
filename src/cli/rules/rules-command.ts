import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Chain } from "../../rules/chain.ts";
import { checkChain } from "../check/check-chain.ts";
import { checkLive } from "../check/check-live.ts";
import { sortFindings, type Finding, type Report } from "../check/finding.ts";
import { readArguments, USAGE, UsageError, type RulesArguments } from "./arguments.ts";
import { checkTypes } from "./check-types.ts";
import { loadRules, type LoadedRules } from "./load-rules.ts";
import { nameFile } from "./place.ts";
import { renderChain } from "./print-chain.ts";
import { renderReport } from "./print-findings.ts";
import { readLive } from "./read-live.ts";
import { LiveError } from "./router-client.ts";

/** What a command touches outside itself. */
export interface CommandIo {
  /** Writes one line, to standard output or standard error. */
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Columns of the terminal. */
  readonly width: number;
}

const FINE = 0;
const WRONG = 1;
const NOT_RUN = 2;

/** `npm run rules`: prints the chain and what is suspicious about it. Yields the exit code (see USAGE). */
export async function rulesCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const options = readArguments(args, io.env);
    if (options.help) {
      io.out(USAGE);
      return FINE;
    }
    return await check(options, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(error.message);
    return NOT_RUN;
  }
}

async function check(options: RulesArguments, io: CommandIo): Promise<number> {
  const path = resolve(options.file);
  if (!existsSync(path)) throw new UsageError(`There is no file ${options.file}.`);
  const [types, rules] = await Promise.all([checkTypes(path), loadRules(path)]);
  const chain = rules.outcome === "loaded" ? rules.chain : null;
  const local = joinReports(reportTypes(types), reportRules(rules, types ?? []));
  const live = await askLive(options, chain, io);
  const report = joinReports(local, live.report);
  if (options.json) io.out(JSON.stringify(toJson(report, chain, live.problem), null, 2));
  else print(report, chain, path, live.problem, io);
  if (live.problem !== null) return NOT_RUN;
  const fails = ({ severity }: Finding) => options.strict || severity === "error";
  return report.findings.some(fails) ? WRONG : FINE;
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
  /** Why the live router could not be asked, in words; null when it was, or nobody wanted it. */
  readonly problem: string | null;
}

async function askLive(
  { live }: RulesArguments,
  chain: Chain | null,
  io: CommandIo,
): Promise<LiveOutcome> {
  const nothing = { findings: [], notes: [] };
  if (live === null || chain === null) return { report: nothing, problem: null };
  try {
    return { report: checkLive(chain, await readLive(live, io)), problem: null };
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    return { report: nothing, problem: error.message };
  }
}

function joinReports(one: Report, other: Report): Report {
  return {
    findings: sortFindings([...one.findings, ...other.findings]),
    notes: [...one.notes, ...other.notes],
  };
}

function toJson({ findings, notes }: Report, chain: Chain | null, problem: string | null) {
  return { version: chain?.version ?? null, findings, notes, liveProblem: problem };
}

function print(
  report: Report,
  chain: Chain | null,
  path: string,
  problem: string | null,
  { out, err, width }: CommandIo,
): void {
  if (chain !== null)
    for (const line of [...renderChain(chain, nameFile(path), width), ""]) out(line);
  for (const line of renderReport(report, width)) out(line);
  if (problem !== null) err(`The live router was not checked: ${problem}`);
}
