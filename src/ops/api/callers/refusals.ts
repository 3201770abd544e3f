import { addressBlock } from "../../../lib/http.ts";
import type { Deps } from "../../../ports/deps.ts";
import { failureMessage } from "../../../lib/failure.ts";
import { Problem } from "../problem.ts";

/** Seconds after which the limit of REFUSALS in wrangler.toml starts anew. */
const LIMIT_PERIOD_SECONDS = 60;
/** The shortest time between two lines of the log about refusals, so that nobody can flood it. */
const REPORT_EVERY_MS = 60_000;

/** How many calls this isolate has refused since it last said so. */
export interface RefusalCount {
  add(now: number): void;
  /** Logs the count when there is one and the last line is a minute old. */
  report(deps: Pick<Deps, "now" | "log">): void;
}

/** Counts refusals in memory: what is refused leaves no row and no line of its own. */
export function countRefusals(): RefusalCount {
  let count = 0;
  let since = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  return {
    add(now) {
      if (count === 0) since = now;
      count += 1;
    },
    report({ now, log }) {
      const at = now();
      if (count === 0 || at - reportedAt < REPORT_EVERY_MS) return;
      log("warn", "api_refused", { count, since: new Date(since).toISOString() });
      count = 0;
      reportedAt = at;
    },
  };
}

/**
 * The answer to a call that is refused: the refusal itself, or 429 once too many from the same address were refused.
 *
 * A call is counted only after its credential proved wrong. Behind the address of an office stand many people, and one broken
 * script among them must not lock out the others; to look the credential up first costs one SHA-256 or one signature,
 * microseconds either way. So the limit is no defence against guessing, and need not be: a token of `npm run token` has
 * 256 random bits. It tells a broken script to wait, and names the noise for what it is.
 */
export async function answerRefusal(
  refusal: Problem,
  request: Request,
  deps: Deps,
): Promise<Response> {
  // Cloudflare sets the header on whatever comes from outside; without it another of the account's Workers calls.
  const address = request.headers.get("CF-Connecting-IP");
  if (address === null || (await isWithin(addressBlock(address), deps)))
    return refusal.toResponse();
  const response = new Problem(
    "too_many_requests",
    `Too many calls from this address were refused, this one for: ${refusal.message}`,
  ).toResponse();
  response.headers.set("Retry-After", String(LIMIT_PERIOD_SECONDS));
  return response;
}

async function isWithin(key: string, deps: Deps): Promise<boolean> {
  try {
    // Null: no such limit is bound.
    return (await deps.allow("REFUSALS", key)) ?? true;
  } catch (error) {
    // Refused it is in any case.
    deps.log("warn", "refusal_limit_unavailable", { error: failureMessage(error) });
    return true;
  }
}
