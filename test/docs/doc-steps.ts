import { listBlocks, type DocBlock } from "./doc-blocks.ts";

// docs/rules.md is a chain of steps. A step begins with a rules.ts, and what follows is about that file. The words behind
// the fence say what a block is:
//
//   ts rules.ts            a whole file
//   ts refused rules.ts    one that does not load
//   diff rules.ts          a change of the latest file above that has the lines it takes out
//   ts test/rules.test.ts  tests of the file; the first has the imports that all need
//   ts fails               an assertion that fails, and after it, as text, how
//   console                a command, and what it prints
//   sh                     commands whose output is not shown
//   csv NAME               a file that commands send

export interface DocStep {
  /** The heading it stands under. */
  readonly heading: string;
  /** rules.ts, and what it was before where the step is a change. */
  readonly rules: string;
  readonly before: string | null;
  readonly refused: boolean;
  /** What follows, up to the next step. */
  readonly blocks: readonly DocBlock[];
}

const CHAINS: ReadonlySet<string> = new Set([
  "ts rules.ts",
  "ts refused rules.ts",
  "diff rules.ts",
]);
const FOLLOWERS = /^(?:ts test\/rules\.test\.ts|ts fails|text|console|sh|csv [\w.-]+)$/;

/** @throws {Error} naming a block that is none of the above */
export function listSteps(document: string): readonly DocStep[] {
  const steps: (DocStep & { readonly blocks: DocBlock[] })[] = [];
  for (const block of listBlocks(document)) {
    const { info, text } = block;
    if (!CHAINS.has(info)) {
      if (!FOLLOWERS.test(info) || steps.length === 0)
        throw new Error(`docs/rules.md: nothing runs a block "${info}"`);
      steps.at(-1)?.blocks.push(block);
      continue;
    }
    const before = info === "diff rules.ts" ? findBefore(steps, text) : null;
    const rules = before === null ? text : before.replace(linesOf(text, "-"), linesOf(text, "+"));
    const heading = [...document.slice(0, block.start).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? "";
    steps.push({ heading, rules, before, refused: info.includes("refused"), blocks: [] });
  }
  return steps;
}

/** Blocks of one kind that belong to a step. */
export function blocksOf(step: DocStep, info: string): readonly DocBlock[] {
  return step.blocks.filter((block) => block.info === info);
}

function findBefore(steps: readonly DocStep[], diff: string): string {
  const taken = linesOf(diff, "-");
  const step = steps.findLast(({ rules }) => rules.includes(taken));
  if (step === undefined)
    throw new Error(`docs/rules.md: no file above has these lines:\n${taken}`);
  return step.rules;
}

function linesOf(diff: string, mark: "+" | "-"): string {
  const lines = diff.split("\n").filter((line) => line.startsWith(mark));
  return lines.map((line) => `${line.slice(1)}\n`).join("");
}
