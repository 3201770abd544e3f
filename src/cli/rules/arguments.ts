import { FLAG, HELP, readOptions, TEXT, UsageError } from "../command.ts";

type Env = Readonly<Record<string, string | undefined>>;

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

const REPORT_FORMATS = ["text", "md", "json"] as const;

/** Where the past is read from. */
type RecordSource =
  | { readonly source: "file"; readonly path: string }
  | { readonly source: "router"; readonly address: LiveAddress; readonly period: Period };

/** Milliseconds since the epoch. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

export interface ReplayArguments {
  /** The rules to try. */
  readonly file: string;
  readonly from: RecordSource;
  readonly format: (typeof REPORT_FORMATS)[number];
}

export interface ExportArguments {
  readonly address: LiveAddress;
  readonly period: Period;
  /** The file to write; null = standard output. */
  readonly out: string | null;
  /** The rules that tell which form fields are needed. */
  readonly file: string;
  /** Form fields to keep; null = those that the rules look at; "all". */
  readonly fields: readonly string[] | "all" | null;
}

export const USAGE = `npm run rules                       the rules as a table, and everything suspicious about them
npm run rules -- --url URL          also what only the live router knows: empty pods, silent rules, owners who left
npm run rules -- replay             past leads through the changed rules (replay --help)
npm run rules -- export             past leads as a file for replay (export --help)

  --url URL        where the router runs: https://lead-router.acme.workers.dev
  --token TOKEN    a token that may read; better in the environment, as LEAD_ROUTER_TOKEN
  --file FILE      another file than rules.ts
  --json           findings as JSON (npm run --silent rules -- --json, or npm adds lines of its own)
  --strict         warnings fail too
  --help           this

Exit code: 0 nothing wrong, 1 errors (with --strict: or warnings), 2 the check could not be run.`;

const ROUTER_OPTIONS = `  --since 30d      how far back: days (d), hours (h), weeks (w), or an instant such as 2026-11-01T00:00Z
  --until INSTANT  where the period ends; left out = now
  --url URL        where the router runs: https://lead-router.acme.workers.dev
  --token TOKEN    a token that may read; better in the environment, as LEAD_ROUTER_TOKEN`;

export const REPLAY_USAGE = `npm run rules -- replay --since 30d --url URL     past leads through this rules.ts, from a running router
npm run rules -- replay --from export.ndjson      the same from a file that npm run rules -- export wrote

${ROUTER_OPTIONS}
  --file FILE      other rules than rules.ts
  --format FORMAT  text (default), md for a pull request, json for scripts
  --help           this

It first re-runs the rules that were live and checks that they produce the recorded decisions; any that differ are counted
by reason. Then it shows what the rules of the working tree would have done instead. It writes nothing anywhere.
Exit code: 0 the replay ran, 2 it could not.`;

export const EXPORT_USAGE = `npm run rules -- export --since 30d --url URL > export.ndjson     the past as a file, for replay --from

${ROUTER_OPTIONS}
  --out FILE       write it there instead of to standard output
  --fields a,b     form fields to keep; "all" = every one; left out = those that rules.ts looks at
  --file FILE      other rules than rules.ts
  --help           this

The file contains no names, addresses or phone numbers of leads and reps. It contains a lead's company name and form fields
only if the rules look at them, or --fields names them.
Exit code: 0 written, 2 it could not be.`;

const COMMON = {
  url: TEXT,
  token: TEXT,
  file: { ...TEXT, default: "rules.ts" },
  help: HELP,
} as const;
const PERIOD = { ...COMMON, since: TEXT, until: TEXT } as const;

/** @throws {UsageError} on an unknown option, or a `--url` that cannot be asked */
export function readArguments(args: readonly string[], env: Env): RulesArguments {
  const options = { ...COMMON, json: FLAG, strict: FLAG } as const;
  const { url, token, file, json, strict, help } = readOptions(args, options, USAGE);
  if (token !== undefined && url === undefined)
    throw new UsageError(`--token needs --url: the router it is for.\n\n${USAGE}`);
  const live = url === undefined || help ? null : readAddress(url, token ?? tokenOf(env));
  return { help, file, json, strict, live };
}

/** Null = help was asked for. @throws {UsageError} */
export function readReplayArguments(
  args: readonly string[],
  env: Env,
  now: number,
): ReplayArguments | null {
  const options = { ...PERIOD, from: TEXT, format: { ...TEXT, default: "text" } } as const;
  const values = readOptions(args, options, REPLAY_USAGE);
  if (values.help) return null;
  const { from: path, file, since, url } = values;
  const format = REPORT_FORMATS.find((each) => each === values.format);
  if (format === undefined)
    throw new UsageError(
      `--format should be ${REPORT_FORMATS.join(", ")}, not "${values.format}".`,
    );
  if (path !== undefined) {
    if (since !== undefined || url !== undefined)
      throw new UsageError("--from reads a file and --since a running router: give one of them.");
    return { file, format, from: { source: "file", path } };
  }
  if (since === undefined) throw new UsageError(`Give --since or --from.\n\n${REPLAY_USAGE}`);
  return { file, format, from: { source: "router", ...readPast({ ...values, since }, env, now) } };
}

/** Null = help was asked for. @throws {UsageError} */
export function readExportArguments(
  args: readonly string[],
  env: Env,
  now: number,
): ExportArguments | null {
  const values = readOptions(args, { ...PERIOD, out: TEXT, fields: TEXT } as const, EXPORT_USAGE);
  if (values.help) return null;
  const { out = null, fields = null, file, since } = values;
  if (since === undefined) throw new UsageError(`Give --since.\n\n${EXPORT_USAGE}`);
  return {
    ...readPast({ ...values, since }, env, now),
    out,
    file,
    fields: fields === null || fields === "all" ? fields : fields.split(","),
  };
}

/** @throws {UsageError} when the URL or the token cannot be used */
export function readAddress(url: string, token: string | undefined): LiveAddress {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url should be a web address, such as https://…, not "${url}".`);
  if (token === undefined || token === "")
    throw new UsageError("--url needs a token: set LEAD_ROUTER_TOKEN, or give --token TOKEN.");
  return { url: url.replace(/\/+$/, ""), token };
}

function tokenOf(env: Env): string | undefined {
  return env["LEAD_ROUTER_TOKEN"];
}

interface PastOptions {
  readonly since: string;
  readonly until?: string | undefined;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
  w: 7 * 24 * 60 * 60_000,
};

/** Which router to read, and which stretch of its past. */
function readPast(
  { since, until, url, token = undefined }: PastOptions,
  env: Env,
  now: number,
): { readonly address: LiveAddress; readonly period: Period } {
  const end = until === undefined ? now : readInstant("--until", until);
  const [, count, unit = ""] = /^(\d{1,4})([hdw])$/.exec(since) ?? [];
  const span = UNIT_MS[unit];
  const from = span === undefined ? readInstant("--since", since) : end - Number(count) * span;
  if (from >= end) throw new UsageError("The period ends before it begins.");
  if (url === undefined) throw new UsageError("--since needs --url: the router to read from.");
  return { address: readAddress(url, token ?? tokenOf(env)), period: { from, until: end } };
}

function readInstant(option: string, text: string): number {
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `${option} should be 30d, 12h, 4w or an instant such as 2026-11-01T00:00Z, not "${text}".`,
    );
  return at;
}
