const HOST =
  /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;
/** What a browser ignores, or reads as something else, in a URL. */
const ODD = /[\\\s\p{Cc}]/u;

/** "example.com", "*.example.com" or "localhost:3000"; international names as browsers send them, in punycode. */
export function isHost(text: string): boolean {
  return HOST.test(text) && (!text.startsWith("*.") || text.slice(2).includes("."));
}

/** An absolute https URL without credentials, or http on this very machine, for whoever tries a site out; else null. */
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
