import { decodeText, type Entry, type EntryLimits, type ParsedEntries } from "./form-entries.ts";

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
  readonly #findDelimiter: FindBytes;
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
    if (end > at) this.#add(bytes.slice(at, end));
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

  #add(content: Uint8Array): void {
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
    // Of a file only what it was: a router of leads needs the person, not the attachment.
    // A file field in which nothing was chosen is sent all the same.
    else if (filename !== "" || part.size > 0)
      this.#entries.push([name, { name: filename, type, size: part.size }]);
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

/** What the header lines of one part say. */
interface PartHeader {
  readonly name: string;
  /** Null of a text. Empty of a file field in which nothing was chosen. */
  readonly filename: string | null;
  /** As the sender gave it; "" when it gave none. */
  readonly type: string;
}

/** The boundary that a `multipart/form-data` content type names; null when it names none, or one that senders do not make. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare ?? "";
  // RFC 2046 allows 70 characters of ASCII.
  return /^[\x20-\x7e]{1,200}$/.test(boundary) ? boundary : null;
}

/** Reads header lines, without the blank one; null of a part without a name, which forms do not make. */
function parsePartHeader(lines: Uint8Array): PartHeader | null {
  const headers = new Map(
    decodeText(lines)
      .split("\r\n")
      .map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
  );
  const disposition = headers.get("content-disposition") ?? "";
  const name = readParameter(disposition, "name");
  if (name === null) return null;
  return {
    name,
    filename: readParameter(disposition, "filename"),
    type: headers.get("content-type") ?? "",
  };
}

/** Browsers write a quote as %22 and line breaks as %0D%0A, and nothing else in percents; curl puts a backslash before a quote. */
function readParameter(disposition: string, parameter: string): string | null {
  const pattern = new RegExp(`;\\s*${parameter}=(?:"((?:\\\\"|[^"])*)"|([^\\s;"]+))`, "i");
  const [, quoted, bare] = pattern.exec(disposition) ?? [];
  const value = quoted ?? bare;
  return value === undefined
    ? null
    : value
        .replaceAll('\\"', '"')
        .replaceAll(/%22/g, '"')
        .replaceAll(/%0D/gi, "\r")
        .replaceAll(/%0A/gi, "\n");
}

/** Where a needle begins in the bytes from `start` on; -1 when nowhere. */
type FindBytes = (bytes: Uint8Array, start: number) => number;

/** Prepares the search for one needle, of at least one byte. Skips ahead by up to its length (Horspool's search). */
function prepareSearch(needle: Uint8Array): FindBytes {
  const last = needle.byteLength - 1;
  const skips = new Uint32Array(256).fill(needle.byteLength);
  for (let at = 0; at < last; at++) skips[needle[at] ?? 0] = last - at;
  return (bytes, start) => {
    let at = start;
    while (at + last < bytes.byteLength) {
      let back = last;
      while (back >= 0 && bytes[at + back] === needle[back]) back--;
      if (back < 0) return at;
      at += skips[bytes[at + last] ?? 0] ?? 1;
    }
    return -1;
  };
}
