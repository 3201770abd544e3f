import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { checkChain } from "../../src/cli/check/check-chain.ts";
import { checkTypes } from "../../src/cli/rules/check-types.ts";
import { DocFolder, importsOf } from "./doc-folder.ts";
import { blocksOf, listSteps } from "./doc-steps.ts";
import { renderRulesDoc, RULES_DOC } from "./rules-doc.ts";

// docs/rules.md is correct: every chain loads, every test passes, every command prints the quoted output.

// A dozen processes, most of them with a compiler, possibly on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const document = readFileSync(RULES_DOC, "utf8");
const steps = listSteps(document);
const imports = importsOf(steps);
const chapters = steps.map((step) => ({
  step,
  heading: step.heading,
  folder: new DocFolder(step, imports),
}));
afterAll(() => chapters.forEach(({ folder }) => folder.remove()));

test("commands print the quoted output (`npm run docs` updates it)", async () => {
  expect(await renderRulesDoc()).toBe(document);
});

describe.each(chapters.filter(({ step }) => !step.refused))(
  "$heading",
  async ({ step, folder }) => {
    const chain = await folder.loadChain();
    // Registers the tests of the document, with the imports that the document shows.
    await import(pathToFileURL(folder.tests).href);

    test("every finding about the chain is quoted", () => {
      const quoted = asOneLine(blocksOf(step, "console").map(({ text }) => text));
      const { findings, notes } = checkChain(chain, chain.pods);
      for (const says of [...findings.map((finding) => finding.says), ...notes])
        expect(quoted).toContain(says);
    });

    if (blocksOf(step, "ts fails").length > 0)
      test("fails as quoted", async () => {
        const { assertions } = await import(pathToFileURL(folder.failing).href);
        expect(assertions.map(messageOf)).toEqual(blocksOf(step, "text").map(({ text }) => text));
      });
  },
);

test("a chain that is refused does not load", async () => {
  const refused = chapters.filter(({ step }) => step.refused);
  expect(refused).not.toEqual([]);
  for (const { folder } of refused)
    await expect(folder.loadChain()).rejects.toThrow("The chain cannot be used");
});

test("every chain compiles", async () => {
  const all = chapters[0]?.folder.file("all.ts") ?? "";
  const lines = chapters.map(({ folder }) => `import ${JSON.stringify(folder.rules)};\n`);
  writeFileSync(all, lines.join(""));
  expect(await checkTypes(all)).toEqual([]);
});

test("links lead somewhere", () => {
  const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
  for (const [, anchor] of document.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
});

function asOneLine(texts: readonly string[]): string {
  return texts.join(" ").replaceAll(/\s+/g, " ");
}

function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("the assertion holds");
}
