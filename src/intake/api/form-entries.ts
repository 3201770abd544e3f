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
