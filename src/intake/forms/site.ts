import type { Form } from "../../rules/form.ts";
import { isListed } from "../../rules/urls.ts";

/** Which page a post comes from, as far as the browser tells. */
export type Site =
  /** A page that may post this form; its origin. */
  | { readonly kind: "allowed"; readonly origin: string }
  /** The router's own page, on which a refused form can be sent again. */
  | { readonly kind: "own" }
  /** Nothing tells: privacy tools, other servers, pages opened from a file. Taken where the form allows it. */
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly origin: string };

/** By `Origin`, else by `Referer`. Says nothing about callers that are no browsers: those send what they like. */
export function findSite(request: Request, form: Form): Site {
  const page = originOf(request.headers.get("Origin")) ?? originOf(request.headers.get("Referer"));
  if (page === null) return { kind: "unknown" };
  if (page.origin === new URL(request.url).origin) return { kind: "own" };
  const isAllowed = form.allowedOrigins.length === 0 || isListed(page.host, form.allowedOrigins);
  return { kind: isAllowed ? "allowed" : "refused", origin: page.origin };
}

function originOf(header: string | null): URL | null {
  if (header === null || !URL.canParse(header)) return null;
  const url = new URL(header);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
}
