import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUTER = fileURLToPath(new URL("../../../", import.meta.url).href);

/** A repository of somebody who uses the router: a rules.ts with a past. */
export class ThrowawayRepository {
  readonly folder = mkdtempSync(join(tmpdir(), "lead-router-rules-"));

  constructor() {
    mkdirSync(join(this.folder, "node_modules"));
    symlinkSync(ROUTER, join(this.folder, "node_modules", "lead-router"));
    this.write("package.json", `{ "type": "module" }`);
    this.write(".gitignore", "node_modules\n");
    this.#git("init", "--quiet");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  commit(message: string): void {
    this.#git("add", ".");
    this.#git("-c", "user.name=ana", "-c", "user.email=ana@acme.test", "commit", "-qm", message);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #git(...words: readonly string[]): void {
    execFileSync("git", words, { cwd: this.folder, stdio: "pipe" });
  }
}
