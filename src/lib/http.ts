import { secureHeaders } from "hono/secure-headers";

const SECONDS = /^\d{1,9}$/;
/** All three spellings of a date of HTTP begin with the day of the week; `Date.parse` alone makes a date of "-5", too. */
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * How long a header `Retry-After` asks to wait, in milliseconds: seconds, or a date of HTTP (RFC 9110, 10.2.3); null where it
 * says nothing that is understood. It can be of any length: the caller sets a limit.
 * @param now milliseconds since the epoch
 */
export function readRetryAfter(value: string | null | undefined, now: number): number | null {
  const asked = value?.trim() ?? "";
  if (SECONDS.test(asked)) return Number(asked) * 1000;
  const instant = DATE.test(asked) ? Date.parse(asked) : Number.NaN;
  return Number.isNaN(instant) ? null : Math.max(0, instant - now);
}

/** What has said its own is not overruled; what nobody asked for is left out. */
const NOTHING_ELSE = {
  overwrite: false,
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xFrameOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/**
 * Headers of every answer. No X-Frame-Options: sites post forms into a hidden frame, and the page after it has nothing to click.
 * A year of HTTPS for this host alone: its neighbours under the domain are not the router's to decide on.
 */
export const onEveryAnswer = secureHeaders({
  ...NOTHING_ELSE,
  strictTransportSecurity: "max-age=31536000",
  xContentTypeOptions: "nosniff",
  referrerPolicy: "no-referrer",
});

/** Headers of the operations API besides: its answers hold people, and are neither pages nor to be shown in one. */
export const onApiAnswers = secureHeaders({
  ...NOTHING_ELSE,
  strictTransportSecurity: false,
  xContentTypeOptions: false,
  referrerPolicy: false,
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  crossOriginResourcePolicy: "same-origin",
});

/** What one customer of a network has to itself: an IPv4 address, or the 64 bits before the rest of an IPv6 address. */
export function addressBlock(address: string): string {
  if (!address.includes(":")) return address;
  const [before = "", after = ""] = address.split("::");
  const groups = before.split(":").filter((group) => group !== "");
  const rest = after.split(":").filter((group) => group !== "");
  while (address.includes("::") && groups.length + rest.length < 8) groups.push("0");
  return [...groups, ...rest].slice(0, 4).join(":");
}
