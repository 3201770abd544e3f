import type { Deps } from "../../ports/deps.ts";
import { TURNSTILE_NAME } from "../../rules/own-fields.ts";
import type { Form } from "../../rules/form.ts";
import type { Site } from "./site.ts";
import type { Submission } from "./submission.ts";
import { checkTurnstile } from "./turnstile.ts";

/** What a form's captcha says of a post. */
export type CaptchaVerdict =
  | { readonly verdict: "passed" }
  /** Kept, and shown to nobody but ops. */
  | { readonly verdict: "quarantine"; readonly reason: string }
  | {
      readonly verdict: "refused";
      readonly message: string;
      /** The answer was good once, or is too old: it may be the second click of a visitor whose first was taken. */
      readonly wasUsed: boolean;
    };

/**
 * Asks Turnstile, where the form wants it. A wrong answer and a missing one are refused (403), and the page that says so offers
 * to send the form again: that page has no captcha, so what comes from it without an answer is quarantined. So a visitor
 * without JavaScript is one more click away from being kept, and a program gains nothing by it.
 */
export async function checkCaptcha(
  deps: Deps,
  { form, request, controls, site }: Submission,
): Promise<CaptchaVerdict> {
  if (form.captcha === null) return { verdict: "passed" };
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
      return { verdict: "passed" };
    case "missing":
      return site.kind === "own"
        ? { verdict: "quarantine", reason: "captcha:missing" }
        : {
            verdict: "refused",
            message: "The captcha was not answered. It needs JavaScript.",
            wasUsed: false,
          };
    case "failed":
      return {
        verdict: "refused",
        message: "The captcha was not passed. Please try once more.",
        wasUsed: checked.codes.includes("timeout-or-duplicate"),
      };
    case "unreachable":
      return form.captcha.whenUnreachable === "accept"
        ? { verdict: "passed" }
        : { verdict: "quarantine", reason: "captcha:unreachable" };
  }
}

/** The pages whose answers count: none said = all. A wildcard cannot be asked for, the page that posted can. */
function hostnamesOf({ allowedOrigins }: Form, site: Site): readonly string[] {
  if (allowedOrigins.length === 0) return [];
  const listed = allowedOrigins.filter((entry) => !entry.startsWith("*."));
  const hostnames = listed.map((entry) => entry.replace(/:\d+$/, ""));
  return site.kind === "allowed" ? [...hostnames, new URL(site.origin).hostname] : hostnames;
}
