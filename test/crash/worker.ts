import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { devVariables } from "../../src/cli/deploy/dev-variables.ts";
import { killGroup, type Sandbox } from "./sandbox.ts";

/** A start takes 2 s here; a slow machine may take ten times as long. */
const START_LIMIT_MS = 60_000;
/** SIGKILL cannot be caught: what still listens after this was never in the process group. */
const DEATH_LIMIT_MS = 5_000;

export interface RunningWorker {
  readonly url: string;
  /** SIGKILL to the process group. Resolves when nothing listens any more. */
  kill(): Promise<void>;
}

/** Starts the router on workerd, over and over on the same persistent state. */
export interface WorkerStarter {
  migrate(): Promise<void>;
  start(): Promise<RunningWorker>;
}

/** @param secrets the worker's secrets by name; they stay in the sandbox's folder */
export function createStarter(
  sandbox: Sandbox,
  secrets: Readonly<Record<string, string>>,
): WorkerStarter {
  const state = join(sandbox.folder, "state");
  const secretsFile = join(sandbox.folder, "secrets.env");
  const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(secretsFile, lines.join(""), { mode: 0o600 });

  return {
    async migrate() {
      const apply = ["d1", "migrations", "apply", "DB", "--env="];
      const child = sandbox.runWrangler([...apply, "--local", "--persist-to", state]);
      await once(child, "exit");
      if (child.exitCode !== 0) throw new Error("the migrations could not be applied");
    },
    async start() {
      const port = await findFreePort();
      const dev = ["dev", "--env=", "--persist-to", state, "--env-file", secretsFile];
      const listen = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
      const quiet = ["--log-level", "warn", "--show-interactive-dev-session=false"];
      const more = devVariables(secrets, ["API_TOKENS"]);
      const child = sandbox.runWrangler([...dev, ...more, ...listen, ...quiet]);
      const url = `http://127.0.0.1:${port}`;
      await untilHealthy(child, url);
      return { url, kill: () => killWorker(child, port) };
    },
  };
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error("wrangler dev ended instead of starting");
    try {
      const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  throw new Error(`the worker did not start within ${START_LIMIT_MS / 1000} s`);
}

async function killWorker(child: ChildProcess, port: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error("the worker ended before it was killed");
  const exited = once(child, "exit");
  killGroup(child);
  await exited;
  const deadline = Date.now() + DEATH_LIMIT_MS;
  while (await isListening(port)) {
    if (Date.now() > deadline) throw new Error("a process of the worker outlived SIGKILL");
    await sleep(20);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
