import { rulesCommand, type CommandIo } from "./rules-command.ts";

const io: CommandIo = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
  fetch,
  now: Date.now,
  width: Math.min(process.stdout.columns ?? 110, 140),
};

process.exitCode = await runCommand(process.argv.slice(2));

/** What the first argument names, else the check; loaded when it is wanted, for the check should be quick. */
async function runCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === "replay") return await (await import("./replay.ts")).replayCommand(rest, io);
  if (name === "export") return await (await import("./replay-export.ts")).exportCommand(rest, io);
  return await rulesCommand(args, io);
}
