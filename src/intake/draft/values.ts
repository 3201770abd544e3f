import freeMailDomains from "email-providers/all.json" with { type: "json" };
import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import de from "i18n-iso-countries/langs/de.json" with { type: "json" };
import en from "i18n-iso-countries/langs/en.json" with { type: "json" };
import es from "i18n-iso-countries/langs/es.json" with { type: "json" };
import fr from "i18n-iso-countries/langs/fr.json" with { type: "json" };
import it from "i18n-iso-countries/langs/it.json" with { type: "json" };
import nl from "i18n-iso-countries/langs/nl.json" with { type: "json" };
import pt from "i18n-iso-countries/langs/pt.json" with { type: "json" };
import { getDomain, getHostname } from "tldts";

// What one sent value says: a text, a number, an address, a phone, a domain, a country.

// Fifteen digits are what a double holds exactly, so the number says all that the text said.
const PLAIN_NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;

/** White space collapsed and trimmed; of a list the first text; null for what is blank or not a text. */
export function readText(value: unknown): string | null {
  for (const one of Array.isArray(value) ? value : [value]) {
    if (typeof one === "number" && Number.isFinite(one)) return String(one);
    const text = typeof one === "string" ? one.replace(/\s+/g, " ").trim() : "";
    if (text !== "") return text;
  }
  return null;
}

/** A finite number, or a text that is nothing but a plain decimal number; else null. */
export function readNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !PLAIN_NUMBER.test(value.trim())) return null;
  return Number(value);
}

/** RFC 5321 allows a path of 256 octets, angle brackets included. */
const MAX_EMAIL_LENGTH = 254;

// Looser than the RFC where mail works all the same (international names, dots in a row), stricter where
// only a slip of the keyboard explains it (no dot in the domain, quotes, brackets).
const EMAIL =
  /^[^\s@"<>()[\]\\,;:]{1,64}@(?:[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]{0,62}\.)+[\p{L}\p{M}\p{N}-]{2,63}$/u;

// E.164 allows 15 digits; up to 5 more are an international prefix and an extension. Fewer than 5 cannot be called from outside.
const MIN_PHONE_DIGITS = 5;
const MAX_PHONE_DIGITS = 20;

/** What is wrong with an address; null when it can be used. The message reads on after the field's name. */
export function findEmailProblem(email: string): string | null {
  if (email.length > MAX_EMAIL_LENGTH)
    return `should be an email address of at most ${MAX_EMAIL_LENGTH} characters`;
  return EMAIL.test(email) ? null : "should be an email address";
}

/** As {@link findEmailProblem}, of a phone number. */
export function findPhoneProblem(phone: string): string | null {
  const digits = phone.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= MIN_PHONE_DIGITS && digits <= MAX_PHONE_DIGITS
    ? null
    : `should be a phone number of ${MIN_PHONE_DIGITS} to ${MAX_PHONE_DIGITS} digits`;
}

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
  return (host && URL.parse(`http://${host}`)?.hostname) || null;
}

function registrableDomain(host: string): string | null {
  // With private suffixes two customers of one host (a.github.io, b.github.io) are two companies. A host
  // that is such a suffix itself is the company that owns it.
  return getDomain(host, { allowPrivateDomains: true }) ?? getDomain(host);
}

/**
 * Registrable domain ("acme.co.uk") of a website, host name or e-mail address: lower case, punycode for
 * international names. Null for what does not name a domain: an IP address, a bare word, a public suffix.
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

// Only the data of i18n-iso-countries is used: its own look-up compares with every name of a language
// in turn, and its entry file loads all 70 languages.

/** What people write and the lists lack. */
const SPOKEN: Readonly<Record<string, string>> = {
  England: "GB",
  Scotland: "GB",
  Wales: "GB",
  "Northern Ireland": "GB",
  "Republic of Ireland": "IE",
  Holland: "NL",
  Bosnia: "BA",
  America: "US",
  "États-Unis": "US",
  "Stati Uniti": "US",
  "EE. UU.": "US",
  EUA: "US",
};

function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function* countrySpellings(): Generator<readonly [spelling: string, code: string]> {
  for (const [alpha2, alpha3] of codes) {
    if (alpha2 === undefined || alpha3 === undefined) continue;
    yield [alpha2, alpha2];
    yield [alpha3, alpha2];
  }
  for (const { countries } of [en, de, fr, es, it, nl, pt]) {
    for (const [code, names] of Object.entries(countries))
      for (const name of [names].flat()) yield [name, code];
  }
  yield* Object.entries(SPOKEN);
}

const COUNTRY_CODES = new Map<string, string>();
for (const [spelling, code] of countrySpellings()) {
  const key = fold(spelling);
  if (!COUNTRY_CODES.has(key)) COUNTRY_CODES.set(key, code);
}

/**
 * The ISO 3166-1 alpha-2 code of a country given as alpha-2, alpha-3 or by its name in English, German,
 * French, Spanish, Italian, Dutch or Portuguese; case, accents and punctuation do not matter. Null when
 * the country is not known. Where a name means two countries ("Congo"), the first language that knows it wins.
 */
export function findCountryCode(text: string): string | null {
  return COUNTRY_CODES.get(fold(text)) ?? null;
}
