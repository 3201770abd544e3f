import { FLAG, HELP, readOptions, refuseSwallowedOptions, TEXT } from "../command.ts";

export interface DeployArguments {
  readonly help: boolean;
  /** A section of wrangler.toml; null = production. */
  readonly environment: string | null;
  /** Whether to show what would be done, and do none of it. */
  readonly dryRun: boolean;
}

/**
 * @param script as npm runs it: "deploy"
 * @throws {UsageError} on what is no option, and when npm kept one for itself: production would be changed instead
 */
export function readArguments(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  usage: string,
): DeployArguments {
  refuseSwallowedOptions(script, args, env, ["dry-run", "env"]);
  // No short form: of `npm run deploy -e staging` npm leaves no trace, and production would be deployed.
  const options = { env: TEXT, "dry-run": FLAG, help: HELP };
  const values = readOptions(args, options, usage);
  return { help: values.help, environment: values.env ?? null, dryRun: values["dry-run"] };
}
