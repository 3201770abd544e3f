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

/** @throws {UsageError} on what is no option */
export function readArguments(args: readonly string[], usage: string): DeployArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        env: { type: "string", short: "e" },
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
