import { processIo } from "../command.ts";
import { smokeCommand } from "./smoke-command.ts";

process.exitCode = await smokeCommand(process.argv.slice(2), {
  ...processIo,
  fetch,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});
