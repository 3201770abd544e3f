import { z } from "zod";
import { findQueueProblem, type QueueSection } from "./queue-problem.ts";

/** As much of wrangler.toml as setting up, deploying and restoring need to know of one environment. */
export interface Environment {
  /** "production", or the name of a section of wrangler.toml: "staging". */
  readonly name: string;
  /** Tells wrangler which is meant: "--env=staging"; "--env=" is what stands at the top, production. */
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

export interface DatabaseEntry {
  readonly name: string;
  /** Null until the database exists and its id was written down. */
  readonly id: string | null;
}

/** wrangler.toml cannot be used, in words for whoever edits it. */
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
 * @param name null or "production" = what stands at the top
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
