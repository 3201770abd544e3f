import type { Deps } from "../../ports/deps.ts";

/** The variable with the address of this router, for links to leads: "https://leads.acme.com". */
export const PUBLIC_URL = "PUBLIC_URL";

/** The router's address without a slash at its end; null when it is not set, or is none: then leads are named by their ids. */
export function readPublicUrl({ secret }: Pick<Deps, "secret">): string | null {
  const value = secret(PUBLIC_URL);
  const url = value === null ? null : URL.parse(value);
  if (url === null || !["https:", "http:"].includes(url.protocol)) return null;
  // Written anew, it holds none of the characters that would end the link.
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replaceAll("|", "%7C")}`;
}
