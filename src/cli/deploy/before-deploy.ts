import { ConfigError, type Environment } from "./environment.ts";
import { listSecrets } from "./named-secrets.ts";
import { findMissingSecrets } from "./plan-deploy.ts";
import { findDatabaseProblem } from "./plan-setup.ts";
import { addDatabaseId } from "./wrangler-toml.ts";
import type { DeployIo } from "./deploy-command.ts";
import { findDatabaseId, listSecretNames } from "./look-around.ts";

/**
 * Holds the database's id in wrangler.toml against the account, before anything is made in it. Of a clone without the id, as
 * Cloudflare's own builds may have it, the database is known by its name, and the id is written down.
 * @throws {ConfigError} when there is no such database, or another account is logged in
 */
export async function checkDatabase(
  environment: Environment,
  suffix: string,
  io: DeployIo,
): Promise<void> {
  const { name, database, flag } = environment;
  const id = await findDatabaseId(io.wrangler, database.name, flag);
  if (database.id !== null) {
    const problem = findDatabaseProblem(environment, { databaseId: id });
    if (problem !== null) throw new ConfigError(problem);
    return;
  }
  if (id === null)
    throw new ConfigError(
      `There is no database ${database.name}. Run \`npm run setup${suffix}\`: it creates it and writes its id into wrangler.toml.`,
    );
  io.writeConfigText(addDatabaseId(io.readConfigText(), name, id));
  io.out(`Found the database ${database.name} and wrote its id into wrangler.toml.`);
}

/** Whether the secrets are set that the Worker cannot do without; says which others are not. */
export async function checkSecrets(
  environment: Environment,
  suffix: string,
  io: DeployIo,
): Promise<boolean> {
  const named = listSecrets(await io.loadRules()).map((secret) => secret.name);
  const set = await listSecretNames(io.wrangler, environment.flag);
  const { required, silent } = findMissingSecrets(environment, named, set);
  if (silent.length > 0)
    io.out(
      `Not set, so nobody hears there: ${silent.join(", ")}. \`npm run setup${suffix}\` asks for them.`,
    );
  if (required.length === 0) return true;
  io.err(
    `Not set, and nothing works without: ${required.join(", ")}. Run \`npm run setup${suffix}\`.`,
  );
  return false;
}
