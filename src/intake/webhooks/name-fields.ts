import { findField } from "../api/field-names.ts";
import { dropOwnFields } from "../../rules/own-fields.ts";

/** One answer, as a sender tells it. */
export interface Entry {
  /** What it is called, the most telling first: a reference that a person chose, the question's words. Never empty. */
  readonly names: readonly [string, ...string[]];
  readonly value: unknown;
  /** What the sender knows it to be, whatever it is called. */
  readonly kind?: "email" | "phone";
}

/**
 * Answers as the fields of a form: each under the alias that the source has for one of its names, else under the name that says
 * which field it is, else under its first. What the sender knows to be an address or a phone is the lead's, unless another
 * answer is called so. Several answers of one name make a list; blank ones are left out. The object has no prototype.
 */
export function nameFields(
  entries: readonly Entry[],
  aliases: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const filled = entries.filter(
    ({ value }) => value !== null && value !== undefined && value !== "",
  );
  const known = filled.map(({ names }) => findName(names, aliases));
  const taken = new Set(known.map((name) => (name === null ? null : findField(name))));
  const fields: Record<string, unknown> = Object.create(null);
  for (const [at, { names, kind, value }] of filled.entries()) {
    let name = known[at] ?? null;
    if (name === null && kind !== undefined && !taken.has(kind)) {
      taken.add(kind);
      name = kind;
    }
    add(fields, name ?? names[0], value);
  }
  dropOwnFields(fields);
  return fields;
}

function findName(names: readonly string[], aliases: ReadonlyMap<string, string>): string | null {
  const aliased = names.find((name) => aliases.has(name));
  if (aliased !== undefined) return aliases.get(aliased) ?? null;
  return names.find((name) => findField(name) !== null) ?? null;
}

function add(fields: Record<string, unknown>, name: string, value: unknown): void {
  const before = fields[name];
  if (before === undefined) fields[name] = value;
  else fields[name] = [before, value].flat();
}

/** Entries of an object: each property under its own name. */
export function entriesOf(object: Readonly<Record<string, unknown>>): Entry[] {
  return Object.entries(object).map(([name, value]) => ({ names: [name], value }));
}
