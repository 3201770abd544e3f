import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

// The direction of imports is held by the linter (.oxlintrc.json, `npm run check`). Here wrong imports are planted in a folder of
// their own under the same rules, so that the check itself is known to fail.

const ROOT = join(import.meta.dirname, "..");
const OXLINT = join(ROOT, "node_modules/oxlint/bin/oxlint");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lead-router-architecture-"));
  copyFileSync(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lints files of `src` that have these lines. Yields what oxlint printed. */
function lint(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "src", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const { stdout } = spawnSync(process.execPath, [OXLINT, "src"], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout;
}

const importing = (spec: string) => `import { a } from "${spec}";\nexport const b = a;\n`;
const importingType = (spec: string) => `import type { A } from "${spec}";\nexport type B = A;\n`;

describe("an import that runs upwards is refused", () => {
  test.each([
    ["lib/chunks.ts", "../record/leads.ts"],
    ["rules/walk.ts", "../record/leads.ts"],
    ["record/leads.ts", "../roster/index.ts"],
    ["ports/deps.ts", "../pod/index.ts"],
    ["roster/reps.ts", "../routing/index.ts"],
    ["notify/slack/post.ts", "../../pod/index.ts"],
    ["pod/ledger.ts", "../routing/index.ts"],
    ["intake/forms/form-app.ts", "../../routing/index.ts"],
    ["routing/pass.ts", "../sweep/index.ts"],
    ["sweep/sweep.ts", "../ops/index.ts"],
    ["ops/api/app.ts", "../../cli/command.ts"],
  ])("%s imports %s", (file, spec) => {
    expect(lint({ [file]: importing(spec) })).toContain("no-restricted-imports");
    expect(lint({ [file]: importingType(spec) })).toContain("no-restricted-imports");
  });
});

describe("a folder is imported by its index.ts", () => {
  test.each([
    ["routing/pass.ts", "../pod/pod.ts"],
    ["sweep/sweep.ts", "../notify/slack/post.ts"],
    ["ops/api/app.ts", "../../roster/reps.ts"],
    ["cli/rules/run.ts", "../../pod/ledger.ts"],
    ["index.ts", "./routing/pass.ts"],
  ])("%s may not import %s", (file, spec) => {
    expect(lint({ [file]: importing(spec) })).toContain("no-restricted-imports");
  });

  test.each([
    ["routing/pass.ts", "../pod/index.ts"],
    ["ops/api/app.ts", "../../roster/index.ts"],
    ["ops/api/leads.ts", "./roster/reps.ts"],
    ["index.ts", "./pod/durable-object.ts"],
  ])("%s may import %s", (file, spec) => {
    expect(lint({ [file]: importing(spec) })).not.toContain("no-restricted-imports");
  });
});

test("files that import each other are refused, be it by a type alone", () => {
  const found = lint({
    "pod/one.ts": `${importingType("./two.ts")}export type A = 1;\n`,
    "pod/two.ts": `${importingType("./one.ts")}export type A = 2;\n`,
  });
  expect(found).toContain("no-cycle");
});
