/** A key of HMAC-SHA256, as WebCrypto takes it. */
export async function importHmacKey(bytes: Uint8Array, usage: "sign" | "verify") {
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    usage,
  ]);
}
