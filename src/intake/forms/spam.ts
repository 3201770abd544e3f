import { failureMessage } from "../../lib/failure.ts";
import { addressBlock } from "../../lib/http.ts";
import type { Deps } from "../../ports/deps.ts";
import type { Form } from "../../rules/form.ts";
import { TEST_NAME, TURNSTILE_NAME } from "../../rules/own-fields.ts";
import { isFilled, isHoneypot, isTicked } from "./controls.ts";
import type { FormPost, Site } from "./post.ts";
import { checkTurnstile } from "./turnstile.ts";

// What keeps floods and programs out of a form: its limit, its traps, the signs of a program, its captcha.

/**
 * Whether one more post of this form from this network is within its limit.
 *
 * Counted by form and network together. By form alone, an attacker could silence a form by posting it; by network alone,
 * an office whose people use two forms would share one count. The network, not the address: a customer of an IPv6 network has
 * 2^64 addresses. The platform counts roughly and per location: this keeps a flood from filling the tables, no more.
 */
export async function isWithinLimit(
  deps: Pick<Deps, "allow" | "log">,
  form: Form,
  request: Request,
): Promise<boolean> {
  // Cloudflare sets it on every request from outside; without it another Worker of the account calls.
  const address = request.headers.get("CF-Connecting-IP");
  if (form.rateLimit === null || address === null) return true;
  try {
    const allowed = await deps.allow(form.rateLimit, `${form.key}:${addressBlock(address)}`);
    if (allowed === null) deps.log("warn", "form_limit_not_bound", { form: form.key });
    return allowed ?? true;
  } catch (error) {
    // A lead is worth more than an exact count.
    deps.log("warn", "form_limit_unavailable", { form: form.key, error: failureMessage(error) });
    return true;
  }
}

/** What makes a post look like a program's. One alone says little: people's privacy tools and fast autofills do the same. */
type Signal = "no_origin" | "webdriver" | "fast";

/** Two together are no accident. */
const SIGNALS_OF_SPAM = 2;
/** People need longer than this to fill in a form, in milliseconds. */
const FAST_MS = 2_000;

/** Why a post is kept from the reps, as the quarantine shows it; null when nothing speaks against it. */
export function findSpamReason(post: FormPost, now: number): string | null {
  if (isTicked(post.controls[TEST_NAME])) return "test";
  const honeypot = findFilledHoneypot(post);
  if (honeypot !== null) return `honeypot:${honeypot}`;
  const signals = findSignals(post, now);
  return signals.length >= SIGNALS_OF_SPAM ? `signals:${signals.join(",")}` : null;
}

/** The name of the trap that was filled, "honeypot" for a name of the sender's own that only holds that word; null when none was. */
function findFilledHoneypot({ form, controls }: FormPost): string | null {
  const isFilledTrap = ([name, value]: readonly [string, unknown]): boolean =>
    // The one that is a checkbox.
    isHoneypot(form, name) && (name === "botcheck" ? isTicked(value) : isFilled(value));
  const name = Object.entries(controls).find(isFilledTrap)?.[0] ?? null;
  if (name === null || name === form.honeypot || !name.toLowerCase().includes("honeypot"))
    return name;
  return "honeypot";
}

/** What speaks against a post. Formspree's own client tells when its form was loaded and whether a driver steers the browser. */
function findSignals({ request, site }: FormPost, now: number): readonly Signal[] {
  const { loadedAt, webdriver } = readSession(request.headers.get("Formspree-Session-Data"));
  const signals: Signal[] = [];
  if (site.kind === "unknown") signals.push("no_origin");
  if (webdriver === true) signals.push("webdriver");
  // A visitor's clock that is ahead of ours says nothing.
  if (typeof loadedAt === "number" && now >= loadedAt && now - loadedAt < FAST_MS)
    signals.push("fast");
  return signals;
}

/** Base64 of `{"loadedAt": milliseconds, "webdriver": boolean}`; anything else says nothing, and is not held against the sender. */
function readSession(header: string | null): { loadedAt?: unknown; webdriver?: unknown } {
  try {
    const session: unknown = header === null ? null : JSON.parse(atob(header));
    return typeof session === "object" && session !== null ? session : {};
  } catch {
    return {};
  }
}

/** What a form's captcha says of a post. */
export type CaptchaVerdict =
  /** With a reason it is kept, and shown only to ops. */
  | { readonly verdict: "accepted"; readonly quarantineFor: string | null }
  | {
      readonly verdict: "refused";
      readonly message: string;
      /** The answer was good once, or is too old: it may be the second click of a visitor whose first was accepted. */
      readonly wasUsed: boolean;
    };

/**
 * Asks Turnstile, where the form wants it. A wrong answer and a missing one are refused (403), and the page that says so offers
 * to send the form again: that page has no captcha, so a post from it without an answer is quarantined. So a visitor
 * without JavaScript is one more click away from being kept, and a program gains nothing by it.
 */
export async function checkCaptcha(
  deps: Deps,
  { form, request, controls, site }: FormPost,
): Promise<CaptchaVerdict> {
  const accepted = (reason: string | null) =>
    ({ verdict: "accepted", quarantineFor: reason }) as const;
  if (form.captcha === null) return accepted(null);
  const answer = controls[TURNSTILE_NAME];
  const hostnames = hostnamesOf(form, site);
  const checked = await checkTurnstile(deps, {
    secretName: form.captcha.turnstile,
    token: typeof answer === "string" ? answer : null,
    remoteIp: request.headers.get("CF-Connecting-IP"),
    ...(hostnames.length > 0 && { expectedHostnames: hostnames }),
  });
  switch (checked.outcome) {
    case "passed":
      return accepted(null);
    case "missing": {
      if (site.kind === "own") return accepted("captcha:missing");
      const message = "The captcha was not answered. It needs JavaScript.";
      return { verdict: "refused", message, wasUsed: false };
    }
    case "failed":
      return {
        verdict: "refused",
        message: "The captcha was not passed. Please try once more.",
        wasUsed: checked.codes.includes("timeout-or-duplicate"),
      };
    case "unreachable":
      return accepted(form.captcha.whenUnreachable === "accept" ? null : "captcha:unreachable");
  }
}

/** The pages whose answers count; none listed = all. A wildcard cannot be asked for, but the page that posted can. */
function hostnamesOf({ allowedOrigins }: Form, site: Site): readonly string[] {
  if (allowedOrigins.length === 0) return [];
  const listed = allowedOrigins.filter((entry) => !entry.startsWith("*."));
  const hostnames = listed.map((entry) => entry.replace(/:\d+$/, ""));
  return site.kind === "allowed" ? [...hostnames, new URL(site.origin).hostname] : hostnames;
}
