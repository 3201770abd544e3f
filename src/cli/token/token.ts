import { randomBytes } from "node:crypto";
import { makeToken, readArguments, renderToken, TOKEN_BYTES, USAGE } from "./new-token.ts";

const caller = readArguments(process.argv.slice(2));
if (caller === null) {
  console.error(USAGE);
  process.exitCode = 1;
} else {
  console.log(renderToken(makeToken(caller, randomBytes(TOKEN_BYTES))));
}
