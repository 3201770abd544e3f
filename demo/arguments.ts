import { parseArgs } from "node:util";

export interface DemoArguments {
  /** A CSV file of the user's own leads; null = the sample. */
  readonly csvPath: string | null;
  /** Stay up afterwards, for the user to try the router. */
  readonly serve: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run demo                        60 sample leads, routed on this machine
npm run demo -- leads.csv           your own leads; the first line names the columns
npm run demo -- [leads.csv] --serve the same, then stays up for you to try`;

/** A mistake of the user's, told in one message without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} on an unknown option or more than one file */
export function readArguments(args: readonly string[]): DemoArguments {
  const { values, positionals } = parse(args);
  const [csvPath = null, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`One CSV file at a time: there is also ${more.join(", ")}.\n\n${USAGE}`);
  }
  return { csvPath, serve: values.serve, help: values.help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        serve: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${USAGE}`, { cause: error });
  }
}
