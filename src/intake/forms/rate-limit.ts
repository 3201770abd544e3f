import { addressBlock } from "../../lib/http.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import type { Form } from "../../rules/form.ts";

/**
 * Whether one more post of this form from this network is within its limit.
 *
 * Counted by form and network together. By form alone, whoever wants a form silent would only have to post it; by network alone,
 * an office whose people use two forms would share one count. The network, not the address: a customer of an IPv6 network has
 * 2^64 addresses. The platform counts roughly and per location: this keeps a flood from filling the tables, no more.
 */
export async function isWithinLimit(deps: Deps, form: Form, request: Request): Promise<boolean> {
  // Cloudflare sets it on whatever comes from outside; without it another Worker of the account calls.
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
