import { Temporal } from "temporal-polyfill";
import { FLAG, HELP, readOptions, refuseSwallowedOptions, TEXT, UsageError } from "../command.ts";

export const USAGE = `npm run restore -- --to 2026-11-22T10:00:00Z    sets D1 back to that instant, and has the pods count again
npm run restore -- --finish                    D1 was set back, but the rest was not done: pauses, counts again, resumes

  --to INSTANT  with an offset; at most 30 days ago
  --finish      everything except setting D1 back
  --url URL     where the router runs; left out: PUBLIC_URL of wrangler.toml
  --env NAME    a section of wrangler.toml; left out: production
  --yes         do not ask
  --dry-run     show every command and run none; needs no account and no network
  --help        this

The token, which must be one that may write, is read from LEAD_ROUTER_TOKEN.
Everything received, decided and changed since that instant is gone from D1; docs/operations.md says what comes back.

Exit code: 0 restored and verified, 1 stopped (it says where, and what is left to do), 2 it could not begin.`;

export interface RestoreArguments {
  readonly help: boolean;
  /** RFC 3339; null = finish what was begun. */
  readonly to: string | null;
  readonly environment: string | null;
  readonly url: string | null;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

const OPTIONS = {
  to: TEXT,
  finish: FLAG,
  url: TEXT,
  env: TEXT,
  yes: { ...FLAG, short: "y" },
  "dry-run": FLAG,
  help: HELP,
} as const;

/** D1 keeps Time Travel for 30 days on the Paid plan (7 on the Free one). */
const REACH_MS = 30 * 24 * 60 * 60_000;

/** Without these the database of another environment would be set back, or really be. */
const NEVER_SWALLOWED = ["dry-run", "env", "url", "to", "finish"];

/**
 * @param now milliseconds since the epoch
 * @throws {UsageError} on what is no option, an instant that cannot be gone back to, and when npm kept an option for itself
 */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  now: number,
): RestoreArguments {
  refuseSwallowedOptions("restore", args, env, NEVER_SWALLOWED);
  const values = readOptions(args, OPTIONS, USAGE);
  const { help, to, finish, url, yes } = values;
  const dryRun = values["dry-run"];
  const rest = { help, environment: values.env ?? null, url: url ?? null, yes, dryRun };
  if (help) return { ...rest, to: null };
  if (finish === (to !== undefined))
    throw new UsageError(`Say either --to INSTANT or --finish.\n\n${USAGE}`);
  return { ...rest, to: to === undefined ? null : readInstant(to, now) };
}

function readInstant(text: string, now: number): string {
  let at: number;
  try {
    at = Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    throw new UsageError(
      `--to should be an instant with an offset, such as 2026-11-22T10:00:00Z, not "${text}".`,
      { cause: error },
    );
  }
  if (at >= now) throw new UsageError("--to should lie in the past.");
  if (at < now - REACH_MS)
    throw new UsageError("--to lies more than 30 days back: D1 forgets by then.");
  return new Date(at).toISOString();
}
