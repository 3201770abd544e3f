import { CLIPPED_FIELD, FORM_FIELD, SOURCE_FIELD } from "../rules/own-fields.ts";
import type { LeadDraft } from "../rules/lead.ts";
import { clipText } from "../lib/text.ts";

/** Bytes of a clipped draft's fields, as JSON: what tells a person from a program stands at the beginning. */
const FIELDS_BYTES = 2_000;

const MARKS: ReadonlySet<string> = new Set([FORM_FIELD, SOURCE_FIELD]);

/**
 * The beginning of a draft, with the whole of who it is: about 2 kB of its fields, marked by the field `_clipped`. A draft that is no
 * larger stays as it is.
 */
export function clipDraft(draft: LeadDraft): LeadDraft {
  const phone = clipText(draft.phone);
  if (phone === draft.phone && jsonBytes(draft.fields) <= FIELDS_BYTES) return draft;
  const fields: Record<string, unknown> = Object.create(null);
  let room = FIELDS_BYTES;
  for (const [name, value] of Object.entries(draft.fields)) {
    if (MARKS.has(name)) {
      fields[name] = value;
      continue;
    }
    const kept = clipValue(value, room - jsonBytes(name));
    if (kept === null) continue;
    fields[name] = kept.value;
    room -= jsonBytes(name) + jsonBytes(kept.value);
  }
  fields[CLIPPED_FIELD] = true;
  return { ...draft, phone, fields };
}

/** The value, or the beginning of its text; null where there is no room for any. */
function clipValue(value: unknown, room: number): { readonly value: unknown } | null {
  if (room <= 0) return null;
  if (jsonBytes(value) <= room) return { value };
  let text = (typeof value === "string" ? value : JSON.stringify(value)).slice(
    0,
    Math.max(0, room - 2),
  );
  // Two quotes; and a character can take six bytes.
  while (jsonBytes(text) > room) text = text.slice(0, text.length >> 1);
  return text === "" ? null : { value: text.toWellFormed() };
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}
