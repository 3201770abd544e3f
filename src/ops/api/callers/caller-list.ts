import { ROUTER } from "../../../record/events.ts";

/** Whoever may call the API, and for what. */
export interface Caller {
  /** What the audit names as actor. */
  readonly name: string;
  readonly scope: "read" | "write";
}

// No "@": an e-mail address must not get into the audit as somebody's name.
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
const ENTRY = /^(?<name>[^:]*):(?<scope>[^:]*):(?<credential>.+)$/;

/** Whether the audit may name a caller so: 1 to 63 letters, digits, dots, hyphens and underscores, and not the router's own name. */
export function isCallerName(name: string): boolean {
  return NAME.test(name) && name.toLowerCase() !== ROUTER;
}

/** What a caller may be given to do. */
export function isScope(scope: string | undefined): scope is Caller["scope"] {
  return scope === "read" || scope === "write";
}

/**
 * Reads a secret that lists callers: comma-separated `name:scope:credential`, scope `read` or `write`; what the
 * credential is, `parseCredential` says. Null when any entry cannot be read: a list half understood is not safe.
 */
export function parseCallers<Known>(
  secret: string,
  parseCredential: (caller: Caller, credential: string) => Known | null,
): readonly Known[] | null {
  const callers: Known[] = [];
  for (const entry of secret.split(",")) {
    const { name, scope, credential } = ENTRY.exec(entry.trim())?.groups ?? {};
    if (name === undefined || credential === undefined) return null;
    if (!isCallerName(name) || !isScope(scope)) return null;
    const known = parseCredential({ name, scope }, credential);
    if (known === null) return null;
    callers.push(known);
  }
  return callers;
}
