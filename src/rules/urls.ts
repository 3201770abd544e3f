import { parse } from "tldts";

/** What a browser ignores, or reads as something else, in a URL. */
const ODD = /[\\\s\p{Cc}]/u;
/** On the public suffix list by an RFC, and yet no names of the public Internet. */
const NOT_PUBLIC = /\.(?:arpa|onion)$/;
/**
 * Names that resolve to any address the caller chooses, or to 127.0.0.1. There are more, and anybody's own
 * name can point anywhere: see {@link findUrlProblem}.
 */
const REFLECTORS = new Set([
  "localtest.me",
  "lvh.me",
  "nip.io",
  "sslip.io",
  "traefik.me",
  "vcap.me",
  "xip.io",
]);

/**
 * What is wrong with the URL of a receiver, in words that read on after its name and quote nothing of it; null when it may be
 * called: https on its usual port, no credentials, a name of the public Internet.
 *
 * Addresses are refused in every spelling, public ones too: the URL parser turns 2130706433, 0x7f.1, 0177.0.0.1 and
 * full-width digits into the address they are, and no certificate is made out to one. Names must end in a suffix that ICANN
 * knows, so `localhost`, `metadata.google.internal` and every bare or made-up name are refused without a list of them.
 *
 * What it cannot tell is where a name points: a Worker can neither look that up nor pin it. On Cloudflare a fetch leaves from
 * its edge, from where nobody's private network can be reached; who runs workerd elsewhere should fence its outgoing calls.
 */
export function findUrlProblem(text: string): string | null {
  if (ODD.test(text) || !URL.canParse(text)) return "is no URL";
  const url = new URL(text);
  if (url.protocol !== "https:") return "should begin with https://";
  if (url.username !== "" || url.password !== "") return "should hold no user name and no password";
  if (url.port !== "") return "should name no port: https has its own";
  const host = url.hostname.replace(/\.$/, "");
  const { isIp, isIcann, domain } = parse(host);
  if (isIp === true) return "should name a host, not an address";
  if (isIcann !== true || domain === null || NOT_PUBLIC.test(host))
    return "should name a host of the public Internet";
  if (REFLECTORS.has(domain))
    return "should name a host of its own, not one that points wherever it is asked to";
  return null;
}

const HOST =
  /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;
/** "example.com", "*.example.com" or "localhost:3000"; international names as browsers send them, in punycode. */
export function isHost(text: string): boolean {
  return HOST.test(text) && (!text.startsWith("*.") || text.slice(2).includes("."));
}

/** An absolute https URL without credentials, or http on this machine, for trying a site out; else null. */
export function readWebUrl(text: string): URL | null {
  if (ODD.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === "https:" || (url.protocol === "http:" && isLocal(url.hostname));
  return isWeb && url.username === "" && url.password === "" ? url : null;
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname.endsWith(".localhost");
}

/** Whether a host, with its port unless it is the usual one, is one of these; whatever the scheme. */
export function isListed(host: string, listed: readonly string[]): boolean {
  return listed.some((entry) =>
    entry.startsWith("*.") ? host.endsWith(entry.slice(1)) : host === entry,
  );
}
