import { processIo } from "../command.ts";
import { rulesCommand, type RulesIo } from "./rules-command.ts";

const width = Math.min(process.stdout.columns ?? 110, 140);
const io: RulesIo = { ...processIo, fetch, now: Date.now, width };

process.exitCode = await runCommand(process.argv.slice(2));

/** Runs what the first argument names, else the check. The others are only loaded when wanted: the check should be quick. */
async function runCommand(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name !== "replay" && name !== "export") return await rulesCommand(args, io);
  const { replayCommand, exportCommand } = await import("./replay-command.ts");
  return await (name === "replay" ? replayCommand(rest, io) : exportCommand(rest, io));
}
