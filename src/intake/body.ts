import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

/** Bytes of a request body. A lead must fit a queue message (128 kB) should D1 not take it. */
export const MAX_BODY_BYTES = 100_000;

export type ReadBody = { readonly ok: true; readonly fields: Record<string, unknown> } | Refusal;

/** The refusal of a lead that is too large to be safe. */
export const TOO_LARGE = refuse(413, {
  code: "TOO_LARGE",
  message: `The form is larger than ${MAX_BODY_BYTES} bytes.`,
});

const UNKNOWN_TYPE = refuse(415, {
  code: "UNSUPPORTED_TYPE",
  field: "Content-Type",
  message: "should be application/json, application/x-www-form-urlencoded or multipart/form-data",
});

function refuseUnparsable(message: string): Refusal {
  return refuse(400, { code: "UNPARSABLE", message });
}

/** Counts while it reads: a Content-Length may lie or be missing. Null when there is more than allowed. */
async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("Content-Length")) > MAX_BODY_BYTES) return null;
  if (request.body === null) return new Uint8Array(0);
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const bytes = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.slice(0, length);
    if (length + value.byteLength > MAX_BODY_BYTES) {
      await reader.cancel();
      return null;
    }
    bytes.set(value, length);
    length += value.byteLength;
  }
}

function parseJson(bytes: Uint8Array): ReadBody {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // The parser's message quotes the body; the caller knows the body, the log must not.
    return refuseUnparsable("The body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuseUnparsable("The body should be a JSON object.");
  }
  return { ok: true, fields: Object.assign(Object.create(null), value) };
}

/** Repeated names and `name[]` become a list under the plain name. */
function collectEntries(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const lists = new Map<string, { readonly values: unknown[]; isList: boolean }>();
  for (const [sentName, value] of entries) {
    const isList = sentName.length > 2 && sentName.endsWith("[]");
    const name = isList ? sentName.slice(0, -2) : sentName;
    const list = lists.get(name);
    if (list) {
      list.values.push(value);
      list.isList = true;
    } else {
      lists.set(name, { values: [value], isList });
    }
  }
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, { values, isList }] of lists) fields[name] = isList ? values : values[0];
  return fields;
}

/** A lead router needs the person, not the attachment: of a file only what it was is kept. */
function describeEntry(value: string | File): unknown {
  return typeof value === "string"
    ? value
    : { name: value.name, type: value.type, size: value.size };
}

async function parseMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<ReadBody> {
  let form: FormData;
  try {
    form = await new Response(bytes, { headers: { "Content-Type": contentType } }).formData();
  } catch {
    return refuseUnparsable("The body is not valid multipart/form-data.");
  }
  return {
    ok: true,
    fields: collectEntries([...form].map(([name, value]) => [name, describeEntry(value)] as const)),
  };
}

/**
 * What a form or a client sent, as names and JSON values; the object has no prototype. Refuses with 413 what is larger than
 * {@link MAX_BODY_BYTES}, with 400 what does not parse or is no object, with 415 any other content type.
 */
export async function readBody(request: Request): Promise<ReadBody> {
  const contentType = request.headers.get("Content-Type") ?? "";
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase();
  const isJson = type === "application/json";
  const isUrlencoded = type === "application/x-www-form-urlencoded";
  if (!isJson && !isUrlencoded && type !== "multipart/form-data") return UNKNOWN_TYPE;

  const bytes = await readBytes(request);
  if (bytes === null) return TOO_LARGE;
  if (isJson) return parseJson(bytes);
  if (isUrlencoded)
    return {
      ok: true,
      fields: collectEntries(new URLSearchParams(new TextDecoder().decode(bytes))),
    };
  return await parseMultipart(bytes, contentType);
}
