import { z } from "zod";
import { failureMessage } from "../../lib/failure.ts";
import type { Deps } from "../../ports/deps.ts";
import { limitTime } from "../durable.ts";

/** Turnstile's own check of its answers. */
export const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/**
 * How long one question may take, in milliseconds. Two are asked at most: with these 2 s, those of D1 and those of the queue a
 * visitor waits for 6 s when everything is down, which is less than browsers and people give up after.
 */
export const TRY_LIMIT_MS = 1_000;
const TRIES = 2;
/** UTF-16 units of the longest token there is, by Turnstile's documentation. */
const LONGEST_TOKEN = 2_048;

/** What Turnstile says of us, not of the visitor. */
const OUR_FAULTS = new Set(["missing-input-secret", "invalid-input-secret", "bad-request"]);
/** What Turnstile says of itself. */
const ITS_FAULT = "internal-error";
/** How Turnstile's error codes are written: nothing else that was answered is logged. */
const CODE = /^[a-z][a-z-]{0,59}$/;

const verdictShape = z.object({
  success: z.boolean(),
  "error-codes": z.array(z.string()).default([]),
  /** Of the page that held the widget. */
  hostname: z.string().toLowerCase().nullish(),
});
type Verdict = z.infer<typeof verdictShape>;

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
 * What is known of the visitor. spam.ts says what a form makes of it: `failed` and `missing` are refused, because a person
 * can try again; `unreachable` is not their fault, and quarantined or accepted as the form says.
 */
export type TurnstileOutcome =
  | { readonly outcome: "passed" | "missing" }
  /** Turnstile could not be asked, or could not answer: also while our own secret is missing or wrong. */
  | { readonly outcome: "unreachable" }
  /** The codes are Turnstile's, or `hostname-mismatch`. */
  | { readonly outcome: "failed"; readonly codes: readonly string[] };

/** Asks Turnstile whether a person answered the captcha of this post. Never rejects; logs neither token nor address. */
export async function checkTurnstile(
  deps: Pick<Deps, "fetch" | "log" | "newId" | "secret" | "sleep">,
  check: TurnstileCheck,
): Promise<TurnstileOutcome> {
  const { secretName, token, remoteIp } = check;
  if (token === null || token === "") return { outcome: "missing" };
  if (token.length > LONGEST_TOKEN) return { outcome: "failed", codes: ["invalid-input-response"] };
  const secret = deps.secret(secretName);
  if (secret === null) {
    deps.log("error", "turnstile_secret_missing", { secret: secretName });
    return { outcome: "unreachable" };
  }
  const question = {
    secret,
    response: token,
    // The same for every try: a token counts once, and without the key a try whose answer was lost would have used it up.
    idempotency_key: deps.newId(),
    ...(remoteIp !== null && { remoteip: remoteIp }),
  };
  for (let tries = 1; tries <= TRIES; tries++) {
    const verdict = await limitTime(deps, TRY_LIMIT_MS, ask(deps, question), () =>
      deps.log("warn", "turnstile_late", { try: tries }),
    );
    if (verdict !== null) return judge(deps, check, verdict);
  }
  return { outcome: "unreachable" };
}

/** Null when the question is worth asking again: Turnstile failed, or the answer is not its own. A refusal has a body as well, so the status is not looked at. */
async function ask(deps: Pick<Deps, "fetch" | "log">, question: object): Promise<Verdict | null> {
  try {
    const response = await deps.fetch(SITEVERIFY, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
    });
    const { data } = verdictShape.safeParse(await response.json());
    if (data?.success === true || data?.["error-codes"].includes(ITS_FAULT) === false) return data;
    deps.log("warn", "turnstile_unreadable", { status: response.status });
  } catch (error) {
    deps.log("warn", "turnstile_unreachable", { error: failureMessage(error) });
  }
  return null;
}

function judge(
  { log }: Pick<Deps, "log">,
  { secretName, expectedHostnames }: TurnstileCheck,
  { success, hostname = null, "error-codes": codes }: Verdict,
): TurnstileOutcome {
  if (success)
    return expectedHostnames?.every((name) => name.toLowerCase() !== hostname)
      ? { outcome: "failed", codes: ["hostname-mismatch"] }
      : { outcome: "passed" };
  if (!codes.some((code) => OUR_FAULTS.has(code))) return { outcome: "failed", codes };
  const ownWords = codes.filter((code) => CODE.test(code)).join();
  log("error", "turnstile_refuses_us", { secret: secretName, codes: ownWords });
  return { outcome: "unreachable" };
}
