import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { readPieces } from "../body.ts";

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
    pieces: readPieces(request, MAX_BYTES, (bytes) => void hash.update(bytes)),
    digest: () => bytesToHex(hash.clone().digest()).slice(0, 32),
  };
}
