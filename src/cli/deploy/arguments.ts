import { parseArgs } from "node:util";

export interface DeployArguments {
  readonly help: boolean;
  /** A section of wrangler.toml; null = production. */
  readonly environment: string | null;
  /** Whether to show what would be done, and do none of it. */
  readonly dryRun: boolean;
}

/** A mistake on the command line, or a machine that lacks something: told in one message, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
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
  const swallowed = findSwallowedOptions(script, args, env, ["dry-run", "env"]);
  if (swallowed !== null) throw new UsageError(swallowed);
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        // No short form: of `npm run deploy -e staging` npm leaves no trace, and production would be deployed.
        env: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return { help: values.help, environment: values.env ?? null, dryRun: values["dry-run"] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${usage}`, { cause: error });
  }
}

/**
 * What npm kept for itself. Options before a `--` are npm's: `npm run deploy --dry-run` starts the script without it, and
 * only `npm_config_dry_run` in the environment (npm 11) tells that somebody asked for a dry run.
 * @param script as npm runs it: "deploy"
 * @param args what reached the script
 * @param names options without which the script would do more than was meant, or elsewhere: "dry-run"
 * @returns what to do instead, in words; null when nothing was kept
 */
export function findSwallowedOptions(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): string | null {
  const kept = names.flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`] ?? "";
    const isGiven = args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    // "" is how npm writes false.
    if (value === "" || isGiven) return [];
    return [value === "true" ? `--${name}` : `--${name}=${value}`];
  });
  if (kept.length === 0) return null;
  const options = kept.join(" ");
  return `npm kept ${options} for itself: npm run ${script} -- ${options}`;
}
