import { v7 as uuidv7 } from "uuid";
import { rerouteCommand } from "./reroute-command.ts";

process.exitCode = await rerouteCommand(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
  fetch,
  newId: () => uuidv7(),
});
