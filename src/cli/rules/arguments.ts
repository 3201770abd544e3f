import { parseArgs } from "node:util";
import { UsageError } from "../command.ts";

export interface RulesArguments {
  readonly help: boolean;
  /** The rules to check. */
  readonly file: string;
  readonly json: boolean;
  /** Whether a warning fails too. */
  readonly strict: boolean;
  /** The live router to ask; null = only the file is looked at. */
  readonly live: LiveAddress | null;
}

export interface LiveAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
}

export const USAGE = `npm run rules                       the chain as a table, and everything suspicious about it
npm run rules -- --url URL          also what only the live router knows: empty pods, silent rules, owners who left
npm run rules -- replay             past leads through the changed chain (replay --help)
npm run rules -- export             past leads as a file for replay (export --help)

  --url URL        where the router runs: https://lead-router.acme.workers.dev
  --token TOKEN    a token that may read; better in the environment, as LEAD_ROUTER_TOKEN
  --file FILE      another file than rules.ts
  --json           findings as JSON (npm run --silent rules -- --json, or npm adds lines of its own)
  --strict         warnings fail too
  --help           this

Exit code: 0 nothing wrong, 1 errors (with --strict: or warnings), 2 the check could not be run.`;

export { UsageError };

/** @throws {UsageError} on what is no option, or a `--url` that cannot be asked */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RulesArguments {
  const { url, token = env["LEAD_ROUTER_TOKEN"], file, json, strict, help } = parse(args);
  if (token !== undefined && url === undefined && args.some((arg) => arg.startsWith("--token")))
    throw new UsageError(`--token needs --url: the router it is for.\n\n${USAGE}`);
  const live = url === undefined || help ? null : readAddress(url, token);
  return { help, file, json, strict, live };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        token: { type: "string" },
        file: { type: "string", default: "rules.ts" },
        json: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${USAGE}`, { cause: error });
  }
}

/** @throws {UsageError} when the URL or the token cannot be used */
export function readAddress(url: string, token: string | undefined): LiveAddress {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url should be a web address, such as https://…, not "${url}".`);
  if (token === undefined || token === "")
    throw new UsageError("--url needs a token: set LEAD_ROUTER_TOKEN, or give --token TOKEN.");
  return { url: url.replace(/\/+$/, ""), token };
}
