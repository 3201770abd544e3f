import { parseArgs, type ParseArgsConfig } from "node:util";

// What all commands share: how they read their options, and how they say what was wrong with them.

/** A mistake on the command line, or a machine that lacks something: told in one message, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What every command touches outside itself. */
export interface CommandIo {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The process itself, for the file that npm runs. */
export const processIo: CommandIo = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
};

/** An option that takes a text. */
export const TEXT = { type: "string" } as const;
/** An option that is given or not. */
export const FLAG = { type: "boolean", default: false } as const;
export const HELP = { ...FLAG, short: "h" } as const;

/**
 * The values of a command's options, all of them `--name`.
 * @throws {UsageError} on an unknown option, with the usage below it
 */
export function readOptions<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
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
 * @throws {UsageError} that says what to type instead
 */
export function refuseSwallowedOptions(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): void {
  const kept = names.flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll("-", "_")}`] ?? "";
    const isGiven = args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    // "" is how npm writes false.
    if (value === "" || isGiven) return [];
    return [value === "true" ? `--${name}` : `--${name}=${value}`];
  });
  if (kept.length === 0) return;
  const options = kept.join(" ");
  throw new UsageError(`npm kept ${options} for itself: npm run ${script} -- ${options}`);
}
