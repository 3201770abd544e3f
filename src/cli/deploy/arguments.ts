import { parseArgs } from "node:util";
import { findSwallowedOptions } from "./swallowed-options.ts";

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
