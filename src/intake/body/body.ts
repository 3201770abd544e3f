import { refuse, type Refusal } from "../answer.ts";
import { collectEntries, type Entry, type ParsedEntries, parseUrlencoded } from "./form-entries.ts";
import { boundaryOf, MultipartReader } from "./multipart.ts";

/** Bytes of text, decoded, names included. A lead must fit a queue message (128 kB) should D1 not take it. */
export const MAX_TEXT_BYTES = 100_000;
/** A urlencoded byte takes up to three. */
const MAX_URLENCODED_BYTES = 3 * MAX_TEXT_BYTES;
/**
 * Bytes of a body with files. They are read past and never held, so memory sets no bound; this is what Cloudflare lets through
 * on its Free and Pro plans, and takes about 0.1 s to search.
 */
const MAX_MULTIPART_BYTES = 100_000_000;
/** HubSpot documents forms of up to 1,000 fields; people fill in fewer. */
const MAX_FIELDS = 1_000;
const LIMITS = { text: MAX_TEXT_BYTES, fields: MAX_FIELDS };

export interface Body {
  readonly ok: true;
  /** Names and JSON values; the object has no prototype. */
  readonly fields: Record<string, unknown>;
  /** The same as a browser's form sent it, one entry a control; empty for JSON. */
  readonly entries: readonly Entry[];
}

/** The refusal of a lead that is too large to be safe. */
export const TOO_LARGE = refuse(413, {
  code: "TOO_LARGE",
  message: `The form's text is larger than ${MAX_TEXT_BYTES} bytes.`,
});
const FILES_TOO_BIG = refuse(413, {
  code: "FILES_TOO_BIG",
  message: `The form and its files are larger than ${MAX_MULTIPART_BYTES} bytes.`,
});
const UNKNOWN_TYPE = refuse(415, {
  code: "UNSUPPORTED_TYPE",
  field: "Content-Type",
  message: "should be application/json, application/x-www-form-urlencoded or multipart/form-data",
});

function refuseUnparsable(message: string): Refusal {
  return refuse(400, { code: "UNPARSABLE", message });
}

const REFUSED = {
  too_large: TOO_LARGE,
  too_many: refuse(413, {
    code: "TOO_LARGE",
    message: `The form has more than ${MAX_FIELDS} fields.`,
  }),
  broken: refuseUnparsable("The body is not valid multipart/form-data."),
  cut_off: refuseUnparsable("The body ends before its end."),
};

/**
 * What a form or a client sent. Refuses with 413 what has more than {@link MAX_TEXT_BYTES} of text or {@link MAX_FIELDS}
 * fields, with 400 what does not parse or is not an object, with 415 any other content type. Files do not count as text.
 */
export async function readBody(request: Request): Promise<Body | Refusal> {
  const contentType = request.headers.get("Content-Type") ?? "";
  switch (contentType.split(";", 1)[0]?.trim().toLowerCase()) {
    case "application/json":
      return await readJson(request);
    case "application/x-www-form-urlencoded": {
      const bytes = await readBytes(request, MAX_URLENCODED_BYTES);
      return typeof bytes === "string" ? REFUSED[bytes] : bodyOf(parseUrlencoded(bytes, LIMITS));
    }
    case "multipart/form-data": {
      const boundary = boundaryOf(contentType);
      if (boundary === null) return REFUSED.broken;
      const reader = new MultipartReader(boundary, LIMITS);
      const push = (chunk: Uint8Array) => reader.push(chunk);
      const streamed = await streamBody(request, MAX_MULTIPART_BYTES, push);
      return streamed === "too_large" ? FILES_TOO_BIG : bodyOf(reader.finish());
    }
    default:
      return UNKNOWN_TYPE;
  }
}

async function readJson(request: Request): Promise<Body | Refusal> {
  const bytes = await readBytes(request, MAX_TEXT_BYTES);
  if (typeof bytes === "string") return REFUSED[bytes];
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The parser's message quotes the body; the caller knows the body, the log must not.
    return refuseUnparsable("The body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuseUnparsable("The body should be a JSON object.");
  if (Object.keys(value).length > MAX_FIELDS) return REFUSED.too_many;
  return { ok: true, fields: Object.assign(Object.create(null), value), entries: [] };
}

function bodyOf(parsed: ParsedEntries): Body | Refusal {
  if (parsed.outcome !== "read") return REFUSED[parsed.outcome];
  return { ok: true, fields: collectEntries(parsed.entries), entries: parsed.entries };
}

/** How the reading of a body ended. */
type Streamed = "read" | "too_large" | "cut_off";

/** Hands over a body as it arrives, until `push` says that it is enough. Counts the bytes: a Content-Length may lie or be missing. */
async function streamBody(
  request: Request,
  limit: number,
  push: (chunk: Uint8Array) => boolean,
): Promise<Streamed> {
  if (Number(request.headers.get("Content-Length")) > limit) return "too_large";
  if (request.body === null) return "read";
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "read";
      length += value.byteLength;
      const enough = length > limit || !push(value);
      if (!enough) continue;
      await reader.cancel();
      return length > limit ? "too_large" : "read";
    }
  } catch {
    // The sender went away, or sent less than it said: not a fault of ours.
    return "cut_off";
  }
}

/**
 * A whole body of at most this many bytes. Takes the memory of what is sent, not of what might be; in one piece, because a sender
 * can make thousands of chunks.
 */
export async function readBytes(
  request: Request,
  limit: number,
): Promise<Uint8Array | Exclude<Streamed, "read">> {
  let bytes = new Uint8Array(0);
  let length = 0;
  const streamed = await streamBody(request, limit, (chunk) => {
    const needed = length + chunk.byteLength;
    if (needed > bytes.byteLength) {
      const grown = new Uint8Array(Math.min(limit, Math.max(needed, 2 * length)));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(chunk, length);
    length = needed;
    return true;
  });
  return streamed === "read" ? bytes.subarray(0, length) : streamed;
}

const LARGE = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LARGE_INTEGER = /^-?\d{16,}$/;

/**
 * As `JSON.parse`, but integers of 16 digits and more are read as strings: ids of 64 bits do not fit a double, which would
 * make another id of them.
 * @throws {SyntaxError} for what is not JSON
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Of valid JSON only, from here on: anything else stays invalid, and the pattern looks at each character once.
  if (!LARGE.test(text)) return value;
  return JSON.parse(
    text.replaceAll(STRING_OR_NUMBER, (token) =>
      LARGE_INTEGER.test(token) ? `"${token}"` : token,
    ),
  );
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** The bytes of a webhook, as {@link parseJson} reads them; null when they are not JSON or not UTF-8. */
export function parseBody(body: Uint8Array): { readonly payload: unknown } | null {
  try {
    return { payload: parseJson(UTF8.decode(body)) };
  } catch {
    // The parser's message quotes the body.
    return null;
  }
}
