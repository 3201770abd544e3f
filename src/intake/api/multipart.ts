import { decodeText } from "./decode-text.ts";
import type { Entry, EntryLimits, ParsedEntries } from "./form-entries.ts";
import { prepareSearch } from "./find-bytes.ts";
import { parsePartHeader, type PartHeader } from "./multipart-part.ts";

/** Of a file only what it was: a router of leads needs the person, not the attachment. */
export interface FileFacts {
  readonly name: string;
  /** As the sender gave it; "" when it gave none. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

const CRLF = new Uint8Array([0x0d, 0x0a]);
const DASH = 0x2d;
/** Bytes of one part's header lines: senders need a few hundred. */
const MAX_HEADER_BYTES = 16_384;
/** Blanks that may stand between a delimiter and the end of its line (RFC 2046, "transport padding"). */
const MAX_PADDING_BYTES = 1_024;

const findCrlf = prepareSearch(CRLF);
const findHeaderEnd = prepareSearch(new Uint8Array([...CRLF, ...CRLF]));

interface OpenPart {
  readonly header: PartHeader | null;
  readonly chunks: Uint8Array[];
  size: number;
}

/**
 * Reads `multipart/form-data` (RFC 7578) as it arrives. Of files no byte is kept, so that the memory it takes is that of the
 * texts, whatever is attached: `formData()` would hold a 25 MB file twice in a Worker of 128 MB that serves others too.
 */
export class MultipartReader {
  readonly #limits: EntryLimits;
  readonly #delimiterLength: number;
  readonly #findDelimiter: (bytes: Uint8Array, start: number) => number;
  readonly #entries: Entry[] = [];
  // Header lines count as text too.
  #textBytes = 0;
  // The first delimiter needs no line break before it: with this one it is like the others.
  #held: Uint8Array = CRLF;
  #reading: "preamble" | "delimiter" | "header" | "part" | "end" = "preamble";
  #part: OpenPart | null = null;
  #parts = 0;
  #failure: "too_large" | "too_many" | "broken" | null = null;

  constructor(boundary: string, limits: EntryLimits) {
    const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
    this.#limits = limits;
    this.#delimiterLength = delimiter.byteLength;
    this.#findDelimiter = prepareSearch(delimiter);
  }

  /** Takes the next bytes. False once nothing that follows can change the outcome. */
  push(chunk: Uint8Array): boolean {
    const bytes = new Uint8Array(this.#held.byteLength + chunk.byteLength);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.byteLength);
    let at = 0;
    for (;;) {
      const next = this.#step(bytes, at);
      if (next === null) break;
      at = next;
    }
    this.#held = bytes.slice(at);
    return this.#failure === null && this.#reading !== "end";
  }

  /** What was read, after the last bytes: a body that ends before its closing delimiter is broken, for it may lack anything. */
  finish(): ParsedEntries {
    if (this.#failure !== null) return { outcome: this.#failure };
    return this.#reading === "end"
      ? { outcome: "read", entries: this.#entries }
      : { outcome: "broken" };
  }

  /** Reads on from `at`; yields where it stopped, or null when it needs more bytes than there are. */
  #step(bytes: Uint8Array, at: number): number | null {
    if (this.#failure !== null) return null;
    switch (this.#reading) {
      case "preamble":
      case "part":
        return this.#readContent(bytes, at);
      case "delimiter":
        return this.#readDelimiterLine(bytes, at);
      case "header":
        return this.#readHeader(bytes, at);
      case "end":
        return null;
    }
  }

  #readContent(bytes: Uint8Array, at: number): number | null {
    const found = this.#findDelimiter(bytes, at);
    // The last bytes may be the beginning of a delimiter.
    const end = found === -1 ? bytes.byteLength - this.#delimiterLength + 1 : found;
    if (end > at) this.#take(bytes.slice(at, end));
    if (found === -1) return end > at ? end : null;
    this.#closePart();
    this.#reading = "delimiter";
    return found + this.#delimiterLength;
  }

  #readDelimiterLine(bytes: Uint8Array, at: number): number | null {
    if (bytes.byteLength < at + 2) return null;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) {
      this.#reading = "end";
      return null;
    }
    const end = findCrlf(bytes, at);
    if (end === -1 && bytes.byteLength - at > MAX_PADDING_BYTES) this.#failure = "broken";
    if (end === -1) return null;
    this.#reading = "header";
    // The line break stays: a part without header lines has a blank line right after it.
    return end;
  }

  #readHeader(bytes: Uint8Array, at: number): number | null {
    const end = findHeaderEnd(bytes, at);
    if ((end === -1 ? bytes.byteLength : end) - at > MAX_HEADER_BYTES) this.#failure = "broken";
    if (end === -1 || this.#failure !== null) return null;
    this.#parts += 1;
    if (this.#parts > this.#limits.fields) this.#failure = "too_many";
    this.#countText(end - at);
    const header = parsePartHeader(bytes.subarray(at + CRLF.byteLength, Math.max(end, at + 2)));
    this.#part = { header, chunks: [], size: 0 };
    this.#reading = "part";
    return end + 2 * CRLF.byteLength;
  }

  #take(content: Uint8Array): void {
    if (this.#part === null) return;
    this.#part.size += content.byteLength;
    if (this.#part.header === null || this.#part.header.filename !== null) return;
    this.#part.chunks.push(content);
    this.#countText(content.byteLength);
  }

  #countText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > this.#limits.text) this.#failure ??= "too_large";
  }

  #closePart(): void {
    const part = this.#part;
    this.#part = null;
    if (part === null || part.header === null) return;
    const { name, filename, type } = part.header;
    if (filename === null) this.#entries.push([name, decodeText(join(part))]);
    // A file field in which nothing was chosen is sent all the same.
    else if (filename !== "" || part.size > 0) {
      const file: FileFacts = { name: filename, type, size: part.size };
      this.#entries.push([name, file]);
    }
  }
}

function join({ chunks, size }: OpenPart): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
