import { decodePercent } from "./decode-text.ts";
import type { Entry, EntryLimits, ParsedEntries } from "./form-entries.ts";

const AMPERSAND = 0x26;
const EQUALS = 0x3d;

/** Reads `application/x-www-form-urlencoded` as browsers write it; whatever the bytes, they mean something. */
export function parseUrlencoded(bytes: Uint8Array, limits: EntryLimits): ParsedEntries {
  const entries: Entry[] = [];
  let textBytes = 0;
  for (const pair of split(bytes)) {
    if (pair.byteLength === 0) continue;
    if (entries.length === limits.fields) return { outcome: "too_many" };
    const equals = pair.indexOf(EQUALS);
    const name = decodePercent(equals === -1 ? pair : pair.subarray(0, equals));
    const value = equals === -1 ? "" : decodePercent(pair.subarray(equals + 1));
    textBytes += utf8Length(name) + utf8Length(value);
    if (textBytes > limits.text) return { outcome: "too_large" };
    entries.push([name, value]);
  }
  return { outcome: "read", entries };
}

function* split(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(AMPERSAND, start);
    yield bytes.subarray(start, end === -1 ? bytes.byteLength : end);
    if (end === -1) return;
    start = end + 1;
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
