import { parseArgs } from "node:util";

export interface BenchArguments {
  /** Names of benches, as they were asked for; null = all. */
  readonly only: readonly string[] | null;
  /** Where the figures are to be written as JSON; null = nowhere. */
  readonly json: string | null;
  readonly help: boolean;
}

/** A mistake of the user's, told in one message without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function usage(names: readonly string[]): string {
  return `npm run bench                        every bench; writes docs/performance.md
npm run bench -- --only NAME[,NAME]  only these, and writes nothing: ${names.join(", ")}
npm run bench -- --json FILE         writes the figures as JSON, too
npm run bench -- --help              this`;
}

/**
 * @param names the benches that there are
 * @throws {UsageError} on an unknown option, an argument that is none, or a bench that there is not
 */
export function readArguments(args: readonly string[], names: readonly string[]): BenchArguments {
  const { only = null, json = null, help } = parse(args, names);
  const wanted = only?.split(",").map((name) => name.trim()) ?? null;
  const unknown = wanted?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new UsageError(
      `--only: there is no bench ${unknown.map((name) => JSON.stringify(name)).join(", ")}. There are: ${names.join(", ")}.`,
    );
  // In the order of the benches, each once.
  return { only: wanted && names.filter((name) => wanted.includes(name)), json, help };
}

function parse(args: readonly string[], names: readonly string[]) {
  try {
    const options = {
      only: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${usage(names)}`, { cause: error });
  }
}
