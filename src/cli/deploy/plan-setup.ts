import type { Environment } from "./environment.ts";

/** What of an environment is there already. */
export interface Found {
  /** The database's id; null while there is none of its name. */
  readonly databaseId: string | null;
  readonly queues: ReadonlySet<string>;
  readonly bucketExists: boolean;
  /** Names of the secrets that are set. */
  readonly secrets: ReadonlySet<string>;
}

/** What whoever sets it up wants. */
export interface Wanted {
  /** The archive's bucket; null = no archive. */
  readonly bucket: string | null;
  /** Names of the secrets to set. */
  readonly secrets: readonly string[];
}

export type SetupStep =
  | { readonly kind: "create_database"; readonly name: string }
  | { readonly kind: "write_database_id"; readonly name: string }
  | { readonly kind: "create_queue"; readonly name: string }
  | { readonly kind: "create_bucket"; readonly name: string }
  | { readonly kind: "bind_archive"; readonly name: string }
  | { readonly kind: "put_secrets"; readonly names: readonly string[] };

export const NOTHING_FOUND: Found = {
  databaseId: null,
  queues: new Set(),
  bucketExists: false,
  secrets: new Set(),
};

/**
 * What is left to do, in order: what wrangler does not create by itself, or only too late. (It would create the database
 * and the queues that are sent to with the deploy; the database is migrated before that, and queues that are only
 * consumed, those of dead letters, it never creates.) Nothing to do = no steps, so that setup can be run again.
 */
export function planSetup(
  { database, queues, bucket }: Environment,
  found: Found,
  wanted: Wanted,
): readonly SetupStep[] {
  const steps: SetupStep[] = [];
  if (found.databaseId === null) steps.push({ kind: "create_database", name: database.name });
  if (database.id === null) steps.push({ kind: "write_database_id", name: database.name });
  for (const name of queues)
    if (!found.queues.has(name)) steps.push({ kind: "create_queue", name });
  if (wanted.bucket !== null) {
    if (!found.bucketExists) steps.push({ kind: "create_bucket", name: wanted.bucket });
    if (bucket === null) steps.push({ kind: "bind_archive", name: wanted.bucket });
  }
  if (wanted.secrets.length > 0) steps.push({ kind: "put_secrets", names: wanted.secrets });
  return steps;
}

/** Why the id in wrangler.toml cannot be right, in words; null when nothing speaks against it. */
export function findDatabaseProblem(
  { database }: Environment,
  found: Pick<Found, "databaseId">,
): string | null {
  if (database.id === null || database.id === found.databaseId) return null;
  const instead =
    found.databaseId === null
      ? `has no database ${database.name}`
      : `has ${database.name} under another id, ${found.databaseId}`;
  return `wrangler.toml names the database ${database.id}, but this account ${instead}. Log in to the right account, or take the line database_id out.`;
}

/** What wrangler is asked for a step, as its arguments; null for a step that only changes wrangler.toml. */
export function commandOf(step: SetupStep, { flag }: Environment): readonly string[] | null {
  switch (step.kind) {
    case "create_database":
      return ["d1", "create", step.name, "--update-config=false", flag];
    case "create_queue":
      return ["queues", "create", step.name, flag];
    case "create_bucket":
      return ["r2", "bucket", "create", step.name, "--update-config=false", flag];
    case "put_secrets":
      return ["secret", "bulk", flag];
    case "write_database_id":
    case "bind_archive":
      return null;
  }
}

/** A step in words. */
export function describeStep(step: SetupStep): string {
  switch (step.kind) {
    case "create_database":
      return `create the database ${step.name}`;
    case "write_database_id":
      return `write the id of the database ${step.name} into wrangler.toml`;
    case "create_queue":
      return `create the queue ${step.name}`;
    case "create_bucket":
      return `create the bucket ${step.name}`;
    case "bind_archive":
      return `bind the bucket ${step.name} in wrangler.toml`;
    case "put_secrets":
      return `set the secrets ${step.names.join(", ")}, by standard input`;
  }
}
