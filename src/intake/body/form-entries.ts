/** What a form sent, one entry a field, in its order. */
export type Entry = readonly [name: string, value: unknown];

/** `text` counts names and values in bytes, decoded; `fields` the entries. */
export interface EntryLimits {
  readonly text: number;
  readonly fields: number;
}

export type ParsedEntries =
  | { readonly outcome: "read"; readonly entries: readonly Entry[] }
  | { readonly outcome: "too_large" | "too_many" | "broken" };

/** `data[email]`, `fields[interest][]`: one level below a name. */
const NESTED = /^([^[\]]+)\[([^[\]]+)\](\[\])?$/;

interface Values {
  readonly values: unknown[];
  isList: boolean;
}

/**
 * Entries as names and values: repeated names and `name[]` become a list under the plain name, `data[email]` a field of the
 * object `data`. Where `data` itself was sent too, and below the first level, a name stays as it is. Objects have no prototype.
 */
export function collectEntries(entries: readonly Entry[]): Record<string, unknown> {
  const plain = new Set(entries.map(([name]) => plainName(name)));
  const top = new Map<string, Values>();
  const nested = new Map<string, Map<string, Values>>();
  for (const [name, value] of entries) {
    const [, outer, inner, list] = NESTED.exec(name) ?? [];
    if (outer === undefined || inner === undefined || plain.has(outer)) {
      add(top, plainName(name), value, name !== plainName(name));
      continue;
    }
    const group = nested.get(outer) ?? new Map<string, Values>();
    add(group, inner, value, list !== undefined);
    nested.set(outer, group);
  }
  const fields = toObject(top);
  for (const [outer, group] of nested) fields[outer] = toObject(group);
  return fields;
}

function plainName(name: string): string {
  return name.length > 2 && name.endsWith("[]") ? name.slice(0, -2) : name;
}

function add(group: Map<string, Values>, name: string, value: unknown, isList: boolean): void {
  const known = group.get(name);
  if (known === undefined) group.set(name, { values: [value], isList });
  else {
    known.values.push(value);
    known.isList = true;
  }
}

function toObject(group: ReadonlyMap<string, Values>): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, { values, isList }] of group) fields[name] = isList ? values : values[0];
  return fields;
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/** Reads `application/x-www-form-urlencoded` as browsers write it; whatever the bytes, they mean something. */
export function parseUrlencoded(bytes: Uint8Array, limits: EntryLimits): ParsedEntries {
  const entries: Entry[] = [];
  const utf8 = new TextEncoder();
  let textBytes = 0;
  for (let start = 0, end = 0; start <= bytes.byteLength; start = end + 1) {
    const ampersand = bytes.indexOf(AMPERSAND, start);
    end = ampersand === -1 ? bytes.byteLength : ampersand;
    if (end === start) continue;
    const pair = bytes.subarray(start, end);
    if (entries.length === limits.fields) return { outcome: "too_many" };
    const equals = pair.indexOf(EQUALS);
    const name = decodePercent(equals === -1 ? pair : pair.subarray(0, equals));
    const value = equals === -1 ? "" : decodePercent(pair.subarray(equals + 1));
    textBytes += utf8.encode(name).byteLength + utf8.encode(value).byteLength;
    if (textBytes > limits.text) return { outcome: "too_large" };
    entries.push([name, value]);
  }
  return { outcome: "read", entries };
}

/** Of a urlencoded name or value: `+` is a space, `%C3%BC` two bytes; a `%` that begins no such pair stands for itself. */
function decodePercent(bytes: Uint8Array): string {
  const decoded = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at] ?? 0;
    const high = byte === PERCENT ? hexDigit(bytes[at + 1]) : null;
    const low = high === null ? null : hexDigit(bytes[at + 2]);
    if (high !== null && low !== null) {
      at += 2;
      decoded[length++] = high * 16 + low;
    } else decoded[length++] = byte === PLUS ? SPACE : byte;
  }
  return decodeText(decoded.subarray(0, length));
}

function hexDigit(byte = 0): number | null {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : null;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
// What HTML means by ISO-8859-1 and by no charset at all; it decodes every byte.
const WINDOWS_1252 = new TextDecoder("windows-1252");

/** Bytes as UTF-8, or, when they are not that, as windows-1252: pages of old sites still send it and nothing says so. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return WINDOWS_1252.decode(bytes);
  }
}
