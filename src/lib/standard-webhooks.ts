const SECRET = /^(?:whsec_)?(?<base64>[A-Za-z0-9+/]+={0,2})$/;

/** The key that a secret of Standard Webhooks is: `whsec_` and base64, or base64 alone; null when it is neither. */
export function readSigningKey(secret: string): Uint8Array | null {
  const base64 = SECRET.exec(secret)?.groups?.["base64"];
  if (base64 === undefined) return null;
  try {
    return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  } catch {
    // Letters of base64, and yet none: as good as not set.
    return null;
  }
}
