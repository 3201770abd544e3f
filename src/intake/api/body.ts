import { collectEntries, type Entry, type ParsedEntries } from "./form-entries.ts";
import { MultipartReader } from "./multipart.ts";
import { boundaryOf } from "./multipart-part.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { readBytes, streamBody } from "./stream-body.ts";
import { parseUrlencoded } from "./urlencoded.ts";

/** Bytes of text, decoded, names included. A lead must fit a queue message (128 kB) should D1 not take it. */
export const MAX_TEXT_BYTES = 100_000;
/** A urlencoded byte takes up to three. */
const MAX_URLENCODED_BYTES = 3 * MAX_TEXT_BYTES;
/**
 * Bytes of a body with files. They are read past and never held, so memory sets no bound; this is what Cloudflare lets through
 * on its Free and Pro plans, and takes about 0.1 s to search.
 */
const MAX_MULTIPART_BYTES = 100_000_000;
/** HubSpot documents forms of up to 1,000 fields; nobody sends more by hand. */
export const MAX_FIELDS = 1_000;

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
const TOO_MANY = refuse(413, {
  code: "TOO_LARGE",
  message: `The form has more than ${MAX_FIELDS} fields.`,
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

const BROKEN_MULTIPART = refuseUnparsable("The body is not valid multipart/form-data.");

const LIMITS = { text: MAX_TEXT_BYTES, fields: MAX_FIELDS };
const REFUSED = {
  too_large: TOO_LARGE,
  too_many: TOO_MANY,
  broken: BROKEN_MULTIPART,
  cut_off: refuseUnparsable("The body ends before its end."),
} as const;

/**
 * What a form or a client sent. Refuses with 413 what has more than {@link MAX_TEXT_BYTES} of text or {@link MAX_FIELDS}
 * fields, with 400 what does not parse or is no object, with 415 any other content type. Files do not count as text.
 */
export async function readBody(request: Request): Promise<Body | Refusal> {
  const contentType = request.headers.get("Content-Type") ?? "";
  switch (contentType.split(";", 1)[0]?.trim().toLowerCase()) {
    case "application/json":
      return await readJson(request);
    case "application/x-www-form-urlencoded":
      return await readUrlencoded(request);
    case "multipart/form-data":
      return await readMultipart(request, boundaryOf(contentType));
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
  if (Object.keys(value).length > MAX_FIELDS) return TOO_MANY;
  return { ok: true, fields: Object.assign(Object.create(null), value), entries: [] };
}

async function readUrlencoded(request: Request): Promise<Body | Refusal> {
  const bytes = await readBytes(request, MAX_URLENCODED_BYTES);
  if (typeof bytes === "string") return REFUSED[bytes];
  return bodyOf(parseUrlencoded(bytes, LIMITS));
}

async function readMultipart(request: Request, boundary: string | null): Promise<Body | Refusal> {
  if (boundary === null) return BROKEN_MULTIPART;
  const reader = new MultipartReader(boundary, LIMITS);
  const streamed = await streamBody(request, MAX_MULTIPART_BYTES, (chunk) => reader.push(chunk));
  return streamed === "too_large" ? FILES_TOO_BIG : bodyOf(reader.finish());
}

function bodyOf(parsed: ParsedEntries): Body | Refusal {
  if (parsed.outcome !== "read") return REFUSED[parsed.outcome];
  return { ok: true, fields: collectEntries(parsed.entries), entries: parsed.entries };
}
