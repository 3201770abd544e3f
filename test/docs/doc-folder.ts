import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Chain } from "lead-router";
import { blocksOf, type DocStep } from "./doc-steps.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url).href);

/** The imports of the document's first test block: everything before its first `test(`. */
export function importsOf([first]: readonly DocStep[]): string {
  const text = first === undefined ? "" : (blocksOf(first, "ts test/rules.test.ts")[0]?.text ?? "");
  return text.slice(0, text.indexOf("test("));
}

/** A folder like a user's repository, with the files of one step of the document. */
export class DocFolder {
  readonly path = mkdtempSync(join(tmpdir(), "lead-router-doc-"));
  readonly rules = this.file("rules.ts");
  readonly tests = this.file("rules.test.ts");
  readonly failing = this.file("failing.ts");

  /** @param imports the first lines of every test file of the document: see `importsOf` */
  constructor(step: DocStep, imports: string) {
    const tests = blocksOf(step, "ts test/rules.test.ts").map(({ text }) => text);
    const fails = blocksOf(step, "ts fails").map(({ text }) => `() => {\n${text}}`);
    this.#write("package.json", `{ "type": "module", "imports": { "#rules": "./rules.ts" } }`);
    this.#write("rules.ts", step.rules);
    this.#write("rules.test.ts", imports + tests.join("\n").replace(imports, ""));
    this.#write("failing.ts", `${imports}export const assertions = [${fails.join(",\n")}];\n`);
    mkdirSync(this.file("node_modules"));
    symlinkSync(ROOT, this.file("node_modules/lead-router"));
    symlinkSync(join(ROOT, "node_modules/vitest"), this.file("node_modules/vitest"));
    for (const name of ["route-matchers.ts", "routed-lead.ts"])
      symlinkSync(join(ROOT, "test", name), this.file(name));
  }

  /** Loads the chain in this process. Rejects if it is refused. */
  async loadChain(): Promise<Chain> {
    const { default: chain }: { default: Chain } = await import(pathToFileURL(this.rules).href);
    return chain;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #write(name: string, text: string): void {
    writeFileSync(this.file(name), text);
  }
}
