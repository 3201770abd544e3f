import { parseArgs } from "node:util";
import { readArguments, UsageError, type LiveAddress } from "./arguments.ts";

export const REPORT_FORMATS = ["text", "md", "json"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Where the past is read from. */
export type RecordSource =
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
  readonly format: ReportFormat;
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

First it proves itself: the rules that decided must decide the same again, and what they cannot is told with the reason.
Then it tells what the rules of the working tree would have done instead. Nothing is written anywhere.
Exit code: 0 the replay ran, 2 it could not.`;

export const EXPORT_USAGE = `npm run rules -- export --since 30d --url URL > export.ndjson     the past as a file, for replay --from

${ROUTER_OPTIONS}
  --out FILE       write it there instead of to standard output
  --fields a,b     form fields to keep; "all" = every one; left out = those that rules.ts looks at
  --file FILE      other rules than rules.ts
  --help           this

The file holds no names, addresses or phone numbers of leads and reps. A lead's company name and its form fields are in it
only if the rules look at them, or --fields names them.
Exit code: 0 written, 2 it could not be.`;

type Env = Readonly<Record<string, string | undefined>>;

const ROUTER = {
  since: { type: "string" },
  until: { type: "string" },
  url: { type: "string" },
  token: { type: "string" },
  file: { type: "string", default: "rules.ts" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Null = help was asked for. @throws {UsageError} on what makes no replay */
export function readReplayArguments(
  args: readonly string[],
  env: Env,
  now: number,
): ReplayArguments | null {
  const options = {
    ...ROUTER,
    from: { type: "string" },
    format: { type: "string", default: "text" },
  } as const;
  const values = explain(REPLAY_USAGE, () => parseArgs({ args: [...args], options }).values);
  if (values.help) return null;
  const format = REPORT_FORMATS.find((each) => each === values.format);
  if (format === undefined)
    throw new UsageError(
      `--format should be ${REPORT_FORMATS.join(", ")}, not "${values.format}".`,
    );
  const { from: path, file } = values;
  if (path !== undefined) {
    if (values.since !== undefined || values.url !== undefined)
      throw new UsageError("--from reads a file and --since a running router: give one of them.");
    return { file, format, from: { source: "file", path } };
  }
  if (values.since === undefined)
    throw new UsageError(`Give --since or --from.\n\n${REPLAY_USAGE}`);
  const period = readPeriod(values.since, values.until, now);
  return { file, format, from: { source: "router", address: addressOf(values, env), period } };
}

/** Null = help was asked for. @throws {UsageError} on what makes no export */
export function readExportArguments(
  args: readonly string[],
  env: Env,
  now: number,
): ExportArguments | null {
  const options = { ...ROUTER, out: { type: "string" }, fields: { type: "string" } } as const;
  const values = explain(EXPORT_USAGE, () => parseArgs({ args: [...args], options }).values);
  if (values.help) return null;
  if (values.since === undefined) throw new UsageError(`Give --since.\n\n${EXPORT_USAGE}`);
  const { out = null, fields, file } = values;
  return {
    address: addressOf(values, env),
    period: readPeriod(values.since, values.until, now),
    out,
    file,
    fields: fields === undefined ? null : fields === "all" ? fields : fields.split(","),
  };
}

function explain<Result>(usage: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${usage}`, { cause: error });
  }
}

function addressOf(
  { url, token }: { url?: string | undefined; token?: string | undefined },
  env: Env,
): LiveAddress {
  if (url === undefined) throw new UsageError("--since needs --url: the router to read from.");
  const { live } = readArguments(
    ["--url", url, ...(token === undefined ? [] : ["--token", token])],
    env,
  );
  if (live === null) throw new UsageError("--since needs --url: the router to read from.");
  return live;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
  w: 7 * 24 * 60 * 60_000,
};

function readPeriod(since: string, until: string | undefined, now: number): Period {
  const end = until === undefined ? now : readInstant("--until", until);
  const [, count, unit = ""] = /^(\d{1,4})([hdw])$/.exec(since) ?? [];
  const span = UNIT_MS[unit];
  const from = span === undefined ? readInstant("--since", since) : end - Number(count) * span;
  if (from >= end) throw new UsageError("The period ends before it begins.");
  return { from, until: end };
}

function readInstant(option: string, text: string): number {
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `${option} should be 30d, 12h, 4w or an instant such as 2026-11-01T00:00Z, not "${text}".`,
    );
  return at;
}
