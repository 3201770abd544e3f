import { processIo } from "../command.ts";
import { v7 as uuidv7 } from "uuid";
import { rerouteCommand } from "./reroute-command.ts";

process.exitCode = await rerouteCommand(process.argv.slice(2), {
  ...processIo,
  fetch,
  newId: () => uuidv7(),
});
