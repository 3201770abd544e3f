const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
// What HTML means by ISO-8859-1 and by no charset at all; it decodes every byte.
const WINDOWS_1252 = new TextDecoder("windows-1252");

/** Bytes as UTF-8, or, when they are none, as windows-1252: pages of old sites still send that and nothing says so. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return WINDOWS_1252.decode(bytes);
  }
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/** Of a urlencoded name or value: `+` is a space, `%C3%BC` two bytes; a `%` that begins no such pair stands for itself. */
export function decodePercent(bytes: Uint8Array): string {
  const decoded = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at] ?? 0;
    const pair = byte === PERCENT ? hexPair(bytes[at + 1], bytes[at + 2]) : null;
    if (pair !== null) at += 2;
    decoded[length++] = pair ?? (byte === PLUS ? SPACE : byte);
  }
  return decodeText(decoded.subarray(0, length));
}

function hexPair(high: number | undefined, low: number | undefined): number | null {
  const [h, l] = [hexDigit(high), hexDigit(low)];
  return h === null || l === null ? null : h * 16 + l;
}

function hexDigit(byte = 0): number | null {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : null;
}
