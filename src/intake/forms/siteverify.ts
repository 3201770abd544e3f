import { z } from "zod";

/** Turnstile's own check of its answers. */
export const SITEVERIFY = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/** What Turnstile says of us, not of the visitor. */
const OUR_FAULTS = new Set(["missing-input-secret", "invalid-input-secret", "bad-request"]);
/** What Turnstile says of itself. */
const ITS_FAULT = "internal-error";

const answerShape = z.object({
  success: z.boolean(),
  "error-codes": z.array(z.string()).default([]),
  hostname: z.string().toLowerCase().nullish(),
});

/** What Turnstile says. Codes are its own words, never what somebody sent. */
export type Verdict =
  | {
      readonly verdict: "passed";
      /** Of the page that held the widget, lower case; null = it was not said. */
      readonly hostname: string | null;
    }
  | { readonly verdict: "failed"; readonly codes: readonly string[] }
  /** It does not know our secret, or cannot read us. */
  | { readonly verdict: "misconfigured"; readonly codes: readonly string[] };

/** Null for what is no verdict: Turnstile's own failure, or somebody else's page. Whatever the status: a refusal has a body as well. */
export async function readVerdict(response: Response): Promise<Verdict | null> {
  const answer = answerShape.safeParse(await response.json());
  if (!answer.success) return null;
  const { success, hostname = null } = answer.data;
  if (success) return { verdict: "passed", hostname };
  const codes = answer.data["error-codes"];
  if (codes.includes(ITS_FAULT)) return null;
  return {
    verdict: codes.some((code) => OUR_FAULTS.has(code)) ? "misconfigured" : "failed",
    codes,
  };
}
