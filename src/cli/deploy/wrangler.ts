import { spawn } from "node:child_process";
import { UsageError } from "./arguments.ts";

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  /** Everything that was written, standard output first: what wrangler says of an error is in either. */
  readonly said: string;
}

export interface RunOptions {
  /** What it reads on standard input; left out = nothing. Secrets go this way: never as arguments, never by a file. */
  readonly stdin?: string;
  /** Whether it talks to the terminal itself; nothing of what it says is then known here. */
  readonly attached?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of the project to its end. */
export type RunProgram = (args: readonly string[], options?: RunOptions) => Promise<Ran>;

/** Runs the `wrangler` that is first on the path: the project's own, where npm has run the script. */
export const runWrangler: RunProgram = (args, { stdin = "", attached = false, env = {} } = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn("wrangler", [...args], {
    stdio: attached ? "inherit" : "pipe",
    env: {
      ...process.env,
      WRANGLER_HIDE_BANNER: "true",
      ...(attached ? {} : { NO_COLOR: "1" }),
      ...env,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  // Whoever ends without reading closes the pipe: its exit code says what became of it.
  child.stdin?.on("error", () => {}).end(stdin);
  child.once("error", (error) => {
    reject(
      "code" in error && error.code === "ENOENT"
        ? new UsageError("There is no wrangler on the path: `npm ci`, then `npm run …`.")
        : error,
    );
  });
  child.once("close", (code) => {
    resolve({ ok: code === 0, stdout, said: `${stdout}${stderr}`.trim() });
  });
  return promise;
};
