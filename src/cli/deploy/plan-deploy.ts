import type { Environment } from "./environment.ts";

export interface DeployStep {
  readonly kind: "create_queue" | "migrate" | "deploy";
  readonly says: string;
  /** Arguments of wrangler. */
  readonly command: readonly string[];
}

/**
 * What a deploy asks of wrangler, in order: first the database, then the code. So for some seconds the code that runs is older
 * than the schema it meets, never newer: a column that is not there yet would fail every lead, one it does not know of harms
 * nothing. Therefore a migration only adds; what is no longer needed is taken away by a later deploy, when no code that
 * runs, or that one would roll back to, asks for it. Leads in flight are not touched: what fails meanwhile is retried.
 * @param missingQueues which wrangler would not create, and refuse the deploy for
 */
export function planDeploy(
  { database, worker, flag }: Environment,
  missingQueues: readonly string[],
): readonly DeployStep[] {
  return [
    ...missingQueues.map((name): DeployStep => ({
      kind: "create_queue",
      says: `create the queue ${name}`,
      command: ["queues", "create", name, flag],
    })),
    {
      kind: "migrate",
      says: `migrate the database ${database.name}`,
      command: ["d1", "migrations", "apply", "DB", "--remote", flag],
    },
    { kind: "deploy", says: `deploy the Worker ${worker}`, command: ["deploy", flag] },
  ];
}

/** Secrets that are not set though somebody counts on them. */
export interface MissingSecrets {
  /** Without these wrangler refuses the deploy. */
  readonly required: readonly string[];
  /** What goes without: channels and webhooks that rules.ts names. */
  readonly silent: readonly string[];
}

/** @param named every secret that the router could use, as named-secrets.ts lists them */
export function findMissingSecrets(
  { requiredSecrets }: Environment,
  named: readonly string[],
  set: ReadonlySet<string>,
): MissingSecrets {
  const missing = named.filter((name) => !set.has(name));
  return {
    required: requiredSecrets.filter((name) => !set.has(name)),
    silent: missing.filter((name) => !requiredSecrets.includes(name)),
  };
}
