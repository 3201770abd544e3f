import { z } from "zod";
import { experimental_readRawConfig as readRawConfig } from "wrangler";
import { queueRole, type QueueRole } from "../../lib/queue.ts";

/** As much of wrangler.toml as setting up, deploying and restoring need to know of one environment. */
export interface Environment {
  /** "production", or the name of a section of wrangler.toml: "staging". */
  readonly name: string;
  /** Tells wrangler which is meant: "--env=staging"; "--env=" is the top of the file, production. */
  readonly flag: string;
  readonly worker: string;
  readonly database: DatabaseEntry;
  /** Every queue once, those of dead letters included, in the file's order. */
  readonly queues: readonly string[];
  /** Those among them that wrangler creates with the deploy, because the router sends to them. */
  readonly sentQueues: readonly string[];
  /** The archive's bucket; null while it is not bound. */
  readonly bucket: string | null;
  /** Without these a deploy is refused. */
  readonly requiredSecrets: readonly string[];
  /** Where the router says it is reached; null = nobody told it. */
  readonly publicUrl: string | null;
  /** The account that wrangler.toml names; null = it names none. */
  readonly accountId: string | null;
}

interface DatabaseEntry {
  readonly name: string;
  /** Null until the database exists and its id was written down. */
  readonly id: string | null;
}

/** wrangler.toml cannot be used; the message is for the person who edits it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const PRODUCTION = "production";

const section = z.object({
  name: z.string(),
  secrets: z.object({ required: z.array(z.string()).default([]) }).default({ required: [] }),
  vars: z.record(z.string(), z.unknown()).default({}),
  d1_databases: z.array(
    z.object({
      binding: z.string(),
      database_name: z.string(),
      database_id: z.string().optional(),
    }),
  ),
  queues: z.object({
    producers: z.array(z.object({ binding: z.string(), queue: z.string() })),
    consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })),
  }),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string() })).default([]),
});

const file = z.object({
  account_id: z.string().optional(),
  env: z.record(z.string(), z.unknown()).default({}),
});

/**
 * One environment of wrangler.toml.
 * @param config the file, parsed
 * @param name null or "production" = the top of the file
 * @throws {ConfigError} when there is no such environment, or it lacks what the router needs
 */
export function readEnvironment(config: unknown, name: string | null): Environment {
  const whole = parse(file, config, "wrangler.toml");
  const wanted = name === null || name === "" ? PRODUCTION : name;
  const isTop = wanted === PRODUCTION;
  const found = isTop ? config : whole.env[wanted];
  if (found === undefined) {
    const names = [PRODUCTION, ...Object.keys(whole.env)].join(", ");
    throw new ConfigError(`wrangler.toml has no environment "${wanted}"; it has ${names}.`);
  }
  const where = isTop ? "wrangler.toml" : `[env.${wanted}] in wrangler.toml`;
  const { secrets, vars, queues, ...read } = parse(section, found, where);
  const database = read.d1_databases.find(({ binding }) => binding === "DB");
  if (database === undefined) throw new ConfigError(`${where} binds no D1 database as DB.`);
  const queueProblem = findQueueProblem(queues);
  if (queueProblem !== null) throw new ConfigError(`${where} ${queueProblem}`);
  const said = vars["ENVIRONMENT"] ?? wanted;
  if (said !== wanted)
    throw new ConfigError(`${where} says ENVIRONMENT = "${String(said)}"; it is ${wanted}.`);
  const publicUrl = vars["PUBLIC_URL"];
  return {
    name: wanted,
    flag: isTop ? "--env=" : `--env=${wanted}`,
    worker: read.name,
    database: { name: database.database_name, id: database.database_id ?? null },
    queues: listQueues(queues),
    sentQueues: queues.producers.map(({ queue }) => queue),
    bucket: read.r2_buckets.find(({ binding }) => binding === "ARCHIVE")?.bucket_name ?? null,
    requiredSecrets: secrets.required,
    publicUrl: typeof publicUrl === "string" && publicUrl !== "" ? publicUrl : null,
    accountId: whole.account_id ?? null,
  };
}

function listQueues({ producers, consumers }: QueueSection): readonly string[] {
  const dead = consumers.flatMap(({ dead_letter_queue: name }) =>
    name === undefined ? [] : [name],
  );
  const consumed = consumers.map(({ queue }) => queue);
  return [...new Set([...producers.map(({ queue }) => queue), ...consumed, ...dead])];
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(
    `${where} cannot be used: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unreadable"}.`,
  );
}

/** wrangler.toml (or whichever wrangler would read in this folder), parsed as wrangler parses it, nothing filled in. */
export function readConfig(path = "wrangler.toml"): unknown {
  return readRawConfig({ config: path }, { hideWarnings: true }).rawConfig;
}

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

/** The bucket named in an environment's commented-out block; null when there is none. */
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

/** The queues of one environment, as wrangler.toml has them. */
interface QueueSection {
  readonly producers: readonly { readonly binding: string; readonly queue: string }[];
  readonly consumers: readonly {
    readonly queue: string;
    readonly dead_letter_queue?: string | undefined;
  }[];
}

/** What the router sends by each of its bindings. */
const ROLE_OF_BINDING: ReadonlyMap<string, QueueRole> = new Map([
  ["LEADS", "leads"],
  ["NOTIFICATIONS", "notifications"],
  ["DELIVERIES", "deliveries"],
]);

/**
 * Why messages would go astray, in words that name both ends: a queue's name alone tells which consumer gets its batches, so a
 * name of another role loses them. Null when every queue does what it is bound for.
 */
function findQueueProblem({ producers, consumers }: QueueSection): string | null {
  const problems = [
    ...consumers.map(({ queue }) =>
      roleOf(queue) === null
        ? `consumes the queue "${queue}", whose role cannot be read from its name: it must contain exactly one of leads, leads-dead, notifications, notifications-dead and deliveries, set off by hyphens.`
        : null,
    ),
    ...producers.map(({ binding, queue }) => {
      const wanted = ROLE_OF_BINDING.get(binding);
      return wanted === undefined || roleOf(queue) === wanted
        ? null
        : `binds ${binding} to the queue "${queue}", whose name says ${nameRole(queue)}: it should hold ${wanted} between hyphens.`;
    }),
    ...consumers.map(({ queue, dead_letter_queue: dead }) =>
      dead === undefined || roleOf(dead) === `${roleOf(queue)}-dead`
        ? null
        : `sends the dead letters of "${queue}" to "${dead}", whose name says ${nameRole(dead)}: ${sayWanted(queue)}.`,
    ),
  ];
  return problems.find((problem) => problem !== null) ?? null;
}

function sayWanted(queue: string): string {
  const role = roleOf(queue);
  return role === "leads" || role === "notifications"
    ? `it should hold ${role}-dead between hyphens`
    : "that queue has no dead letters";
}

function nameRole(queue: string): string {
  return roleOf(queue) ?? "no role, or more than one";
}

function roleOf(queue: string): QueueRole | null {
  try {
    return queueRole(queue);
  } catch {
    return null;
  }
}
