import type { Site } from "./site.ts";

/** What makes a post look like a program's. One alone says little: people's privacy tools and fast autofills do the same. */
export type Signal = "no_origin" | "webdriver" | "fast";

/** People need longer than this to fill in a form, in milliseconds. */
const FAST_MS = 2_000;

/** What speaks against a post. Formspree's own client tells when its form was loaded and whether a driver steers the browser. */
export function findSignals(request: Request, site: Site, now: number): readonly Signal[] {
  const { loadedAt, webdriver } = readSession(request.headers.get("Formspree-Session-Data"));
  const signals: Signal[] = [];
  if (site.kind === "unknown") signals.push("no_origin");
  if (webdriver === true) signals.push("webdriver");
  // A visitor's clock that is ahead of ours says nothing.
  if (typeof loadedAt === "number" && now >= loadedAt && now - loadedAt < FAST_MS)
    signals.push("fast");
  return signals;
}

/** Base64 of `{"loadedAt": milliseconds, "webdriver": boolean}`; anything else says nothing. */
function readSession(header: string | null): { loadedAt?: unknown; webdriver?: unknown } {
  if (header === null) return {};
  try {
    const session: unknown = JSON.parse(atob(header));
    return typeof session === "object" && session !== null ? session : {};
  } catch {
    // Whoever sends a header that is no such thing is not held to it.
    return {};
  }
}
