import { listBlocks, type DocBlock } from "./doc-blocks.ts";

// docs/rules.md is a series of steps. A step begins with a rules.ts, and the blocks after it are about that file. The words
// after the fence say what a block is:
//
//   ts rules.ts            a whole file
//   ts refused rules.ts    a file that does not load
//   diff rules.ts          a change to the latest file above that contains the removed lines
//   ts test/rules.test.ts  tests of the file; the first has the imports that all tests need
//   ts fails               an assertion that fails; the text block after it has the message
//   console                a command and its output
//   sh                     commands whose output is not shown
//   csv NAME               a file that commands send

export interface DocStep {
  /** The heading above it. */
  readonly heading: string;
  /** rules.ts, and its previous text if the step is a change. */
  readonly rules: string;
  readonly before: string | null;
  readonly refused: boolean;
  /** The blocks up to the next step. */
  readonly blocks: readonly DocBlock[];
}

const CHAINS: ReadonlySet<string> = new Set([
  "ts rules.ts",
  "ts refused rules.ts",
  "diff rules.ts",
]);
const FOLLOWERS = /^(?:ts test\/rules\.test\.ts|ts fails|text|console|sh|csv [\w.-]+)$/;

/** @throws {Error} naming a block of any other kind */
export function listSteps(document: string): readonly DocStep[] {
  const steps: (DocStep & { readonly blocks: DocBlock[] })[] = [];
  for (const block of listBlocks(document)) {
    const { info, text } = block;
    if (!CHAINS.has(info)) {
      if (!FOLLOWERS.test(info) || steps.length === 0)
        throw new Error(`docs/rules.md: unknown kind of block "${info}"`);
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

/** The blocks of one kind in a step. */
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
