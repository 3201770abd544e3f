/**
 * Levels of arrays and objects inside one field. SQLite refuses JSON nested deeper than 1,000, and a lead
 * that it refuses at every try would be poison on the queue; no form nests deeper than a handful.
 */
export const MAX_DEPTH = 64;

/** Whether a JSON value is nested deeper than this many levels. Looks no deeper than that. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

/** Without what SQLite text cannot hold: NUL and lone surrogates become U+FFFD, as HTML does with them. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/**
 * A copy of a JSON value of bounded depth that D1 and a queue give back as it was put in. Objects of the
 * copy have no prototype, so an entry called `__proto__` is an entry like any other.
 */
export function toStorable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== "object" || value === null) return value;
  return toStorableFields(value);
}

/** As {@link toStorable}, of an object. */
export function toStorableFields(fields: object): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(fields)) copy[storableText(name)] = toStorable(value);
  return copy;
}
