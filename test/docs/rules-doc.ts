import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ThrowawayRepository } from "../cli/replay/throwaway-repository.ts";
import { replaceBlocks, type DocBlock } from "./doc-blocks.ts";
import { blocksOf, listSteps, type DocStep } from "./doc-steps.ts";

export const RULES_DOC = pathOf("../../docs/rules.md");

const COMMAND = pathOf("../../src/cli/rules/run.ts");
const WRITE_PAST = pathOf("write-past.ts");
const run = promisify(execFile);

/** docs/rules.md with the current output of each command. Does not need a test runner. */
export async function renderRulesDoc(): Promise<string> {
  const document = await readFile(RULES_DOC, "utf8");
  const outputs = new Map<DocBlock, string>();
  for (const step of listSteps(document)) {
    const consoles = blocksOf(step, "console");
    if (consoles.length === 0) continue;
    const repository = await openRepository(step);
    try {
      for (const block of consoles) {
        const [prompt = ""] = block.text.split("\n");
        outputs.set(block, `${prompt}\n${await printed(prompt, repository.folder)}`);
      }
    } finally {
      repository.remove();
    }
  }
  return replaceBlocks(document, outputs);
}

/** A repository with the step's rules.ts. If the step changes a rules.ts, it also has the leads that the old one routed. */
async function openRepository({ rules, before }: DocStep): Promise<ThrowawayRepository> {
  const repository = new ThrowawayRepository();
  if (before !== null) {
    repository.write("rules.ts", before);
    repository.commit("The rules that decided");
    await run(process.execPath, [WRITE_PAST, repository.folder]);
  }
  repository.write("rules.ts", rules);
  return repository;
}

const PROMPT =
  /^\$ npm run rules(?: -- (?<args>[^|]+?))?(?: \| (?<end>head|tail) -n (?<count>\d+))?$/;

/** The output of a command in this folder, with a line break after each line. */
async function printed(prompt: string, folder: string): Promise<string> {
  const { groups } = PROMPT.exec(prompt) ?? {};
  if (groups === undefined) throw new Error(`docs/rules.md: unknown command "${prompt}"`);
  const { args = "", end, count } = groups;
  const lines = (await outputOf(args.split(" ").filter(Boolean), folder)).trimEnd().split("\n");
  const shown =
    end === undefined
      ? lines
      : end === "head"
        ? lines.slice(0, Number(count))
        : lines.slice(-Number(count));
  return `${shown.join("\n").trimEnd()}\n`;
}

async function outputOf(args: readonly string[], folder: string): Promise<string> {
  const env = { ...process.env, NO_COLOR: "1" };
  try {
    return (await run(process.execPath, [COMMAND, ...args], { cwd: folder, env })).stdout;
  } catch (error) {
    // Errors in the rules are reported on standard output, with exit code 1.
    if (error instanceof Error && "stdout" in error && "code" in error && error.code === 1)
      return String(error.stdout);
    throw error;
  }
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url).href);
}
