import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EXAMPLES } from "./examples.ts";
import { QUESTIONS } from "./questions.ts";
import { renderDocs } from "./render-docs.ts";
import { openWorld } from "./world.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url).pathname, "utf8");

it("docs/api.md shows the API's real answers (if they changed, run `npm run docs`)", async () => {
  expect(read("../../docs/api.md")).toBe(await renderDocs(await openWorld()));
});

it("docs/api.md has all ten questions, word for word, and every example", () => {
  const template = read("api.template.md");
  for (const [name, { words }] of Object.entries(QUESTIONS))
    expect(template).toMatch(
      new RegExp(`## \\d+\\. ${RegExp.escape(words)}\n[^#]*\\{\\{question ${name}\\}\\}`),
    );
  for (const name of Object.keys(EXAMPLES)) expect(template).toContain(`{{example ${name}}}`);
});
