import { exportCommand, replayCommand } from "../../../src/cli/rules/replay-command.ts";

// The commands in a process of their own, where Node and not the test runner loads rules.ts: replay … or export …

const [name = "", ...argv] = process.argv.slice(2);
const command = name === "export" ? exportCommand : replayCommand;
process.exitCode = await command(argv, {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
  fetch,
  now: Date.now,
  width: 160,
});
