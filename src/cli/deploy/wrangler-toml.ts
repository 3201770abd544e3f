import { ConfigError } from "./environment.ts";

// wrangler.toml is written for people: it is changed line by line, so that its comments stay.

/** wrangler.toml with the id of an environment's database in it; as it is when it has one. */
export function addDatabaseId(toml: string, environment: string, id: string): string {
  const lines = toml.split("\n");
  const at = findTable(lines, tableName(environment, "d1_databases"));
  const block = at === -1 ? [] : lines.slice(at, blockEnd(lines, at));
  const named = block.findIndex((line) => /^database_name\s*=/.test(line));
  if (named === -1)
    throw new ConfigError(`wrangler.toml has no ${tableName(environment, "d1_databases")}.`);
  if (block.some((line) => /^database_id\s*=/.test(line))) return toml;
  return lines.toSpliced(at + named + 1, 0, `database_id = "${id}"`).join("\n");
}

/** The bucket that stands in an environment's commented-out block; null when there is none. */
export function findArchiveBlock(toml: string, environment: string): string | null {
  const lines = toml.split("\n");
  const at = findTable(lines, `# ${tableName(environment, "r2_buckets")}`);
  if (at === -1) return null;
  const named = lines.slice(at, at + 3).find((line) => /^# bucket_name\s*=/.test(line));
  return /"(?<name>[^"]+)"/.exec(named ?? "")?.groups?.["name"] ?? null;
}

/** wrangler.toml with the marks taken off an environment's block of the archive's bucket. */
export function uncommentArchive(toml: string, environment: string): string {
  const lines = toml.split("\n");
  const at = findTable(lines, `# ${tableName(environment, "r2_buckets")}`);
  const end = at === -1 ? -1 : lines.findIndex((line, index) => index > at && line[0] !== "#");
  return lines
    .map((line, index) => (index >= at && index < end ? line.replace(/^# /, "") : line))
    .join("\n");
}

/** "[[env.staging.d1_databases]]" */
function tableName(environment: string, table: string): string {
  return environment === "production" ? `[[${table}]]` : `[[env.${environment}.${table}]]`;
}

function findTable(lines: readonly string[], header: string): number {
  return lines.findIndex((line) => line.trim() === header);
}

function blockEnd(lines: readonly string[], at: number): number {
  const next = lines.findIndex((line, index) => index > at && /^\s*\[/.test(line));
  return next === -1 ? lines.length : next;
}
