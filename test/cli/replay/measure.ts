import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeFileOfLines } from "../../../src/cli/rules/export-file.ts";
import { bigRecord } from "./big-record.ts";
import { ThrowawayRepository } from "./throwaway-repository.ts";
import { bandsText, rulesWith, RULES_TEXT } from "./two-bands.ts";

// How long a replay takes, and how much memory: `node test/cli/replay/measure.ts FILE [LEADS]` makes an export of so many
// leads, unless the file is there, and replays it through rules whose hot leads begin ten points lower.

const [path = "/tmp/lead-router-big.ndjson", leads = "100000"] = process.argv.slice(2);
if (!existsSync(path)) await writeFileOfLines(path, lines(), () => {});
const repository = new ThrowawayRepository();
try {
  repository.write("rules.ts", RULES_TEXT);
  repository.write("bands.ts", bandsText(80));
  repository.commit("The rules that decided");
  repository.write("bands.ts", bandsText(70));
  const command = fileURLToPath(new URL("command.ts", import.meta.url).href);
  const args = [command, "replay", "--from", path, "--file", repository.path("rules.ts")];
  execFileSync(process.execPath, args, { stdio: "inherit" });
} finally {
  repository.remove();
}

async function* lines() {
  yield* bigRecord(rulesWith(80), Number(leads));
}
