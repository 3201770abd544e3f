import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** The part of a GitHub Actions workflow that the tests read. */
interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(name: string): Workflow {
  const url = new URL(`../../.github/workflows/${name}`, import.meta.url);
  return parse(readFileSync(url.pathname, "utf8")) as Workflow;
}

/** A runner's working folder, in which steps run with fake programs. */
export class FakeRunner {
  readonly #folder = mkdtempSync(join(tmpdir(), "lead-router-workflow-"));
  readonly #workflow: Workflow;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
    mkdirSync(join(this.#folder, "report"));
    mkdirSync(join(this.#folder, "bin"));
  }

  /** Puts a fake program of this name first on the path. */
  pretend(program: string, script: string): void {
    this.write(`bin/${program}`, `#!/bin/bash\n${script}\n`);
    chmodSync(join(this.#folder, "bin", program), 0o755);
  }

  /** Runs a step as GitHub does. `env` replaces the values of the step's expressions. */
  run(job: string, name: string, env: Readonly<Record<string, string>>): void {
    const step = this.#workflow.jobs[job]?.steps.find((each) => each.name === name);
    if (step?.run === undefined) throw new Error(`${job} has no step "${name}"`);
    const missing = Object.keys(step.env ?? {}).filter((key) => !(key in env));
    if (missing.length > 0) throw new Error(`"${name}" needs ${missing.join(", ")}`);
    const path = `${join(this.#folder, "bin")}:${process.env["PATH"] ?? ""}`;
    execFileSync("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step.run], {
      cwd: this.#folder,
      env: {
        PATH: path,
        GITHUB_OUTPUT: join(this.#folder, "output"),
        GITHUB_STEP_SUMMARY: join(this.#folder, "summary"),
        ...env,
      },
      stdio: "pipe",
    });
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
