import freeMailDomains from "email-providers/all.json" with { type: "json" };
import { getDomain, getHostname } from "tldts";

// Mailbox providers and forwarding services that email-providers 2.26.0 lacks.
const MORE_FREE_MAIL = [
  "aleeas.com",
  "duck.com",
  "fastmail.com",
  "mozmail.com",
  "passmail.net",
  "posteo.de",
  "simplelogin.com",
  "skiff.com",
  "tuta.com",
  "tuta.io",
  "tutanota.com",
  "zohomail.com",
  "zohomail.eu",
];

const FREE_MAIL = new Set([...freeMailDomains, ...MORE_FREE_MAIL]);

/** Host name of a URL, a bare host or an e-mail address: lower case, punycode, no trailing dot. */
function hostOf(text: string): string | null {
  const host = getHostname(text)?.replace(/\.+$/, "");
  if (!host || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname;
}

function registrableDomain(host: string): string | null {
  // With private suffixes two customers of one host (a.github.io, b.github.io) are two companies. A host
  // that is such a suffix itself is the company that owns it.
  return getDomain(host, { allowPrivateDomains: true }) ?? getDomain(host);
}

/**
 * Registrable domain ("acme.co.uk") of a website, host name or e-mail address: lower case, punycode for
 * international names. Null for what names no domain: an IP address, a bare word, a public suffix.
 */
export function findDomain(text: string): string | null {
  const host = hostOf(text);
  return host === null ? null : registrableDomain(host);
}

/** As {@link findDomain}, of an e-mail address; null when the mailbox is at a free or disposable mail service. */
export function findCompanyDomainOfEmail(email: string): string | null {
  const host = hostOf(email.slice(email.lastIndexOf("@") + 1));
  if (host === null || FREE_MAIL.has(host)) return null;
  const domain = registrableDomain(host);
  return domain === null || FREE_MAIL.has(domain) ? null : domain;
}
