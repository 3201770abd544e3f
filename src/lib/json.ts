/** An object of JSON, and no list. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** UTF-16 units of a name, company, region or source: no real one is longer, and lists, rules and Slack messages stay readable. */
const MAX_TEXT_LENGTH = 200;

/** At most 200 UTF-16 units, never half a character. */
export function clipText(text: string | null): string | null {
  if (text === null || text.length <= MAX_TEXT_LENGTH) return text;
  const clipped = text.slice(0, MAX_TEXT_LENGTH);
  return clipped.isWellFormed() ? clipped : clipped.slice(0, -1);
}
