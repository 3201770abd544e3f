import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { Problem } from "../problem.ts";

/** Bytes of an imported file: 100,000 rows of 500 bytes. It is never in memory as a whole. */
const MAX_BYTES = 50_000_000;

/** A file on its way in. */
export interface ImportText {
  /** The file as text, piece by piece; a byte order mark is dropped. Read once. */
  readonly pieces: AsyncGenerator<string>;
  /** A digest of the bytes read so far, and of how they are to be taken. */
  readonly digest: () => string;
}

/**
 * The body of an import.
 * @throws {Problem} too_large above 50 MB, bad_request when it is not UTF-8; both while the pieces are read
 */
export function openImport(request: Request, mode: string): ImportText {
  const hash = sha256.create().update(utf8ToBytes(`${mode}\n`));
  return {
    pieces: readPieces(request, (bytes) => void hash.update(bytes)),
    digest: () => bytesToHex(hash.clone().digest()).slice(0, 32),
  };
}

async function* readPieces(
  request: Request,
  look: (bytes: Uint8Array) => void,
): AsyncGenerator<string> {
  const tooLarge = new Problem("too_large", `The body is larger than ${MAX_BYTES} bytes.`);
  if (Number(request.headers.get("Content-Length")) > MAX_BYTES) throw tooLarge;
  if (request.body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      bytes += value?.byteLength ?? 0;
      if (bytes > MAX_BYTES) throw tooLarge;
      if (value !== undefined) look(value);
      const text = decode(decoder, value, done);
      if (text !== "") yield text;
      if (done) return;
    }
  } finally {
    // Whoever stops reading wants no more of it; a body that came to its end takes no harm.
    await reader.cancel();
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, done: boolean): string {
  try {
    return decoder.decode(bytes, { stream: !done });
  } catch {
    throw new Problem("bad_request", "The body is not UTF-8 text.");
  }
}
