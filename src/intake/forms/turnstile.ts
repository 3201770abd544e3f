import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { limitTime } from "../api/durable.ts";
import { readVerdict, SITEVERIFY, type Verdict } from "./siteverify.ts";

/**
 * How long one question may take, in milliseconds. Two are asked at most: with these 2 s, those of D1 and those of the queue a
 * visitor waits for 6 s when everything is down, which is less than browsers and people give up after.
 */
export const TRY_LIMIT_MS = 1_000;
const TRIES = 2;
/** UTF-16 units of the longest token there is, by Turnstile's documentation. */
const LONGEST_TOKEN = 2_048;

/** How Turnstile's error codes are written: nothing else that was answered is logged. */
const CODE = /^[a-z][a-z-]{0,59}$/;

/** An answer of Turnstile to check. */
export interface TurnstileCheck {
  /** The name of the secret that holds Turnstile's secret key. */
  readonly secretName: string;
  /** What the widget put into the form; null when nothing did. */
  readonly token: string | null;
  readonly remoteIp: string | null;
  /** The pages that may hold the widget; left out = any. */
  readonly expectedHostnames?: readonly string[];
}

/**
 * What is known of the visitor. What a form makes of it is said in captcha.ts: `failed` and `missing` are refused, for a person
 * can try again; `unreachable` is no fault of theirs, and quarantined or accepted as the form says.
 */
export type TurnstileOutcome =
  | { readonly outcome: "passed" | "missing" }
  /** Turnstile could not be asked, or could not answer: also while our own secret is missing or wrong. */
  | { readonly outcome: "unreachable" }
  /** The codes are Turnstile's, or `hostname-mismatch`. */
  | { readonly outcome: "failed"; readonly codes: readonly string[] };

/** Asks Turnstile whether a person answered the captcha of this post. Never rejects; logs neither token nor address. */
export async function checkTurnstile(deps: Deps, check: TurnstileCheck): Promise<TurnstileOutcome> {
  const { secretName, token } = check;
  if (token === null || token === "") return { outcome: "missing" };
  if (token.length > LONGEST_TOKEN) return { outcome: "failed", codes: ["invalid-input-response"] };
  const secret = deps.secret(secretName);
  if (secret === null) {
    deps.log("error", "turnstile_secret_missing", { secret: secretName });
    return { outcome: "unreachable" };
  }
  const init = requestOf(check, { secret, token, idempotencyKey: deps.newId() });
  for (let tries = 1; tries <= TRIES; tries++) {
    const verdict = await limitTime(deps, TRY_LIMIT_MS, ask(deps, init), () =>
      deps.log("warn", "turnstile_late", { try: tries }),
    );
    if (verdict !== null) return judge(deps, check, verdict);
  }
  return { outcome: "unreachable" };
}

/**
 * The key is the same for every try: a token counts once, and without the key a try whose answer was lost would have used it up.
 */
function requestOf(
  { remoteIp }: TurnstileCheck,
  { secret, token, idempotencyKey }: { secret: string; token: string; idempotencyKey: string },
): RequestInit {
  const body = {
    secret,
    response: token,
    idempotency_key: idempotencyKey,
    ...(remoteIp !== null && { remoteip: remoteIp }),
  };
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Null when the question is worth asking again. */
async function ask(deps: Deps, init: RequestInit): Promise<Verdict | null> {
  try {
    const response = await deps.fetch(SITEVERIFY, init);
    const verdict = await readVerdict(response);
    if (verdict === null) deps.log("warn", "turnstile_unreadable", { status: response.status });
    return verdict;
  } catch (error) {
    deps.log("warn", "turnstile_unreachable", { error: failureMessage(error) });
    return null;
  }
}

function judge(
  deps: Deps,
  { secretName, expectedHostnames }: TurnstileCheck,
  verdict: Verdict,
): TurnstileOutcome {
  switch (verdict.verdict) {
    case "misconfigured":
      deps.log("error", "turnstile_refuses_us", {
        secret: secretName,
        codes: verdict.codes.filter((code) => CODE.test(code)).join(),
      });
      return { outcome: "unreachable" };
    case "failed":
      return { outcome: "failed", codes: verdict.codes };
    case "passed":
      return expectedHostnames?.every((name) => name.toLowerCase() !== verdict.hostname)
        ? { outcome: "failed", codes: ["hostname-mismatch"] }
        : { outcome: "passed" };
  }
}
