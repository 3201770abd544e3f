import { parseArgs } from "node:util";
import { findSwallowedOptions } from "../deploy/swallowed-options.ts";
import { readAddress, UsageError, type LiveAddress } from "../rules/arguments.ts";

export interface RerouteArguments {
  readonly help: boolean;
  readonly address: LiveAddress;
  /** As `POST /api/route` takes it. */
  readonly filter: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly excludeOwner: boolean;
  readonly includeByHand: boolean;
  /** Re-route; else only look. */
  readonly yes: boolean;
  /** Names a bulk that was broken off and is to be carried on; null = a new one. */
  readonly bulk: string | null;
}

export const USAGE = `npm run reroute -- --url URL --from 2026-11-23T08:00:00Z --chain-version VERSION --reason "the DACH rule was wrong"

Sends leads through today's rules again: after wrong rules were live and are taken back. It says what it would do; with --yes
it does it.

  --url URL              where the router runs: https://lead-router.acme.workers.dev
  --token TOKEN          a token that may write; better in the environment, as LEAD_ROUTER_TOKEN
  --from INSTANT         received at or after, with an offset: 2026-11-23T08:00:00Z
  --to INSTANT           received before; left out = until now
  --chain-version V      decided by this version of the rules (GET /api/chain, and every decision, name it)
  --rule, --pod, --owner, --source NAME; --outcome assigned|unassigned
                         of the newest decision; all that is given must hold
  --reason TEXT          for the audit, which keeps it for ever: no address and no number
  --exclude-owner        whoever has a lead now does not get it again
  --include-by-hand      also what a person gave to its owner
  --yes                  do it
  --bulk UUID            carry on what was broken off: no lead is re-routed twice
  --help                 this

Exit code: 0 done, 1 broken off, 2 not understood.`;

/** Without these more leads would be re-routed than was meant, or back to whom they were to leave. */
const NARROWING = [
  "to",
  "chain-version",
  "rule",
  "pod",
  "owner",
  "source",
  "outcome",
  "exclude-owner",
];

/** @throws {UsageError} on what is no option, on what is missing, and on what npm kept for itself */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RerouteArguments | { readonly help: true } {
  const swallowed = findSwallowedOptions("reroute", args, env, NARROWING);
  if (swallowed !== null) throw new UsageError(swallowed);
  const values = parse(args);
  if (values.help) return { help: true };
  const { url, token = env["LEAD_ROUTER_TOKEN"], from, reason, bulk = null, yes } = values;
  if (url === undefined) throw missing("--url: the router that is to do it");
  if (from === undefined) throw missing("--from: since when the leads were received");
  if (reason === undefined) throw missing("--reason: the audit keeps it");
  const wanted = {
    from,
    to: values.to,
    chainVersion: values["chain-version"],
    rule: values.rule,
    pod: values.pod,
    owner: values.owner,
    source: values.source,
    outcome: values.outcome,
  };
  const filter = Object.fromEntries(
    Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return {
    help: false,
    address: readAddress(url, token),
    filter,
    reason,
    excludeOwner: values["exclude-owner"],
    includeByHand: values["include-by-hand"],
    yes,
    bulk,
  };
}

function missing(what: string): UsageError {
  return new UsageError(`There is no ${what}.\n\n${USAGE}`);
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: text,
        token: text,
        from: text,
        to: text,
        "chain-version": text,
        rule: text,
        pod: text,
        owner: text,
        source: text,
        outcome: text,
        reason: text,
        bulk: text,
        "exclude-owner": flag,
        "include-by-hand": flag,
        yes: flag,
        help: { ...flag, short: "h" },
      },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${USAGE}`, { cause: error });
  }
}
