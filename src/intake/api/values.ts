// Fifteen digits are what a double holds exactly, so the number says all that the text said.
const PLAIN_NUMBER = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;

/** White space collapsed and trimmed; of a list the first text; null for what is blank or no text. */
export function readText(value: unknown): string | null {
  if (Array.isArray(value)) return value.map(readScalarText).find((text) => text !== null) ?? null;
  return readScalarText(value);
}

function readScalarText(value: unknown): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim() || null : null;
}

/** A finite number, or a text that is nothing but a plain decimal number; else null. */
export function readNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !PLAIN_NUMBER.test(value.trim())) return null;
  return Number(value);
}
