import type { Random } from "../../simulation/random.ts";

const encoder = new TextEncoder();

/** As UTF-8, mostly. */
export function encodeText(random: Random, text: string): Uint8Array {
  switch (random.whole(0, 19)) {
    case 0:
      return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
    case 1:
      return Uint8Array.from(Buffer.from(`\ufeff${text}`, "utf16le"));
    case 2:
      return encoder.encode(`\ufeff${text}`);
    default:
      return encoder.encode(text);
  }
}

/** Bits flipped, pieces cut out, doubled or put in. */
export function damage(random: Random, body: Uint8Array): Uint8Array {
  let bytes = body;
  for (let times = random.whole(1, 4); times > 0 && bytes.byteLength > 0; times--) {
    const at = random.whole(0, bytes.byteLength - 1);
    const until = Math.min(bytes.byteLength, at + random.whole(1, 20));
    switch (random.whole(0, 4)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(0, 7));
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        bytes = join(bytes.subarray(0, at), bytes.subarray(until));
        break;
      case 3:
        bytes = join(bytes.subarray(0, until), bytes.subarray(at));
        break;
      case 4:
        bytes = join(bytes.subarray(0, at), random.bytes(random.whole(1, 8)), bytes.subarray(at));
    }
  }
  return bytes;
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
