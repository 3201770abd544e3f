import { restoreArchive } from "./restore.ts";
import { apiSource, type ArchiveSource, folderSource, walkArchive, type Walked } from "./walk.ts";

const USAGE = `Usage:
  npm run archive -- verify FROM             checks every checksum, and that nothing is missing
  npm run archive -- restore FROM FILE.sqlite  the same, and writes a SQLite file to be asked with SQL

FROM is a folder with the bucket's objects under their names (leads/…, audit/…), or the address of a router,
https://leads.acme.com, with a token of scope read in the variable LEAD_ROUTER_TOKEN.`;

async function main([command, from, file]: readonly string[]): Promise<number> {
  const source = from === undefined ? null : sourceOf(from);
  if (source === null) return say(USAGE, 1);
  if (command === "verify" && file === undefined) return report(await walkArchive(source));
  if (command === "restore" && file !== undefined)
    return report(await restoreArchive(source, file));
  return say(USAGE, 1);
}

function sourceOf(from: string): ArchiveSource | null {
  if (!/^https?:/.test(from)) return folderSource(from);
  const token = process.env["LEAD_ROUTER_TOKEN"];
  return token === undefined ? null : apiSource(from, token);
}

function report({ days, parts, rows, problems }: Walked): number {
  for (const problem of problems) console.error(problem);
  console.log(
    `${rows} rows in ${parts} parts of ${days} days: ${problems.length === 0 ? "whole" : `${problems.length} problems`}.`,
  );
  return problems.length === 0 ? 0 : 1;
}

function say(text: string, code: number): number {
  console.error(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = say(error instanceof Error ? error.message : String(error), 1);
}
