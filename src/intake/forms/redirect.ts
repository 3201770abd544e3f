import { REDIRECT_NAMES } from "../../rules/own-fields.ts";
import type { Form } from "../../rules/form.ts";
import type { Site } from "./site.ts";
import { isListed, readWebUrl } from "../../rules/urls.ts";

/**
 * Where the visitor goes next, as an absolute URL. What the form itself asks for is anybody's to write, so it counts only as a
 * path on the page's own site, or as a URL on a host of the form's list; else the form's page, else the router's.
 */
export function chooseNext(
  { allowedOrigins, thanks }: Form,
  controls: Readonly<Record<string, unknown>>,
  site: Site,
  own: string,
): string {
  for (const name of REDIRECT_NAMES) {
    const asked = controls[name];
    const next = typeof asked === "string" ? resolve(asked.trim(), allowedOrigins, site) : null;
    if (next !== null) return next;
  }
  return thanks === null ? own : new URL(thanks).href;
}

function resolve(asked: string, listed: readonly string[], site: Site): string | null {
  if (asked.startsWith("/")) return resolvePath(asked, site);
  const url = readWebUrl(asked);
  return url !== null && isListed(url.host, listed) ? url.href : null;
}

function resolvePath(path: string, site: Site): string | null {
  if (site.kind !== "allowed" || /^\/\/|[\\\s\p{Cc}]/u.test(path)) return null;
  const url = URL.parse(path, site.origin);
  return url?.origin === site.origin ? url.href : null;
}
