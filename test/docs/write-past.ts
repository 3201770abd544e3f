import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Chain } from "../../src/rules/chain.ts";
import { putMember } from "../../src/roster/members.ts";
import { putRep } from "../../src/roster/reps.ts";
import { draft } from "../cli/replay/busy-weeks.ts";
import { repValues } from "../cli/replay/calm-day.ts";
import { exportLines } from "../cli/replay/export-lines.ts";
import { RecordedWorld } from "../cli/replay/recorded-world.ts";

// Routes four weeks of leads with the rules.ts of a folder and writes them as `npm run rules -- export` would: docs/rules.md
// replays this file. It is a separate process, so that Node and not the test runner loads rules.ts.

const START = Date.UTC(2026, 9, 19);
const DAY_MS = 24 * 60 * 60_000;
const DAYS = 28;
/** About as many as a sales team of ten gets. */
const LEADS_A_DAY = 15;

const TEAM: Readonly<Record<string, readonly string[]>> = {
  enterprise: ["ana", "grace"],
  dach: ["bo", "dana"],
  sdr: ["chidi", "emre", "ines"],
  nurture: ["fumi"],
  everyone: ["hugo", "jay"],
};

const [folder = "."] = process.argv.slice(2);
const { default: chain }: { default: Chain } = await import(
  pathToFileURL(join(folder, "rules.ts")).href
);
const lines = exportLines(await recordPast(chain), START, START + DAYS * DAY_MS);
writeFileSync(
  join(folder, "export.ndjson"),
  lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
);

async function recordPast(rules: Chain): Promise<RecordedWorld["db"]> {
  const world = new RecordedWorld(rules, START - DAY_MS);
  for (const [podId, members] of Object.entries(TEAM))
    for (const repId of members) {
      await putRep(world.deps(), "ops", repId, repValues());
      const settings = { weight: 1, dailyCap: null, openCap: null };
      await putMember(world.deps(), "ops", podId, repId, settings);
      await world.pass(1000);
    }
  for (let lead = 0; lead < DAYS * LEADS_A_DAY; lead++) {
    await world.passTo(START + (lead * DAY_MS) / LEADS_A_DAY);
    await world.post(draft(world, lead));
    await world.route();
  }
  await world.passTo(START + DAYS * DAY_MS);
  return world.db;
}
