import { processIo } from "../command.ts";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { loadDeclaredRules } from "./load-declared-rules.ts";
import { readConfig } from "./environment.ts";
import { setupCommand } from "./setup-command.ts";
import { terminal } from "./terminal.ts";
import { runWrangler } from "./wrangler.ts";

const CONFIG = "wrangler.toml";

process.exitCode = await setupCommand(process.argv.slice(2), {
  ...terminal,
  ...processIo,
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  wrangler: runWrangler,
  readConfig: () => readConfig(CONFIG),
  readConfigText: () => readFileSync(CONFIG, "utf8"),
  writeConfigText: (text) => writeFileSync(CONFIG, text),
  loadRules: loadDeclaredRules,
  chance: randomBytes,
  user: nameUser(),
});

/** The name at this machine, where it can be one in the audit. */
function nameUser(): string {
  const { username } = userInfo();
  return /^[a-z0-9][\w.-]{0,62}$/i.test(username) && username !== "root" ? username : "admin";
}
