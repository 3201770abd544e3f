import { nameSource, type Source } from "./source.ts";

/** Who stands behind a URL. */
export type FoundSource =
  | { readonly outcome: "found"; readonly source: Source }
  /** The source had this key once. */
  | { readonly outcome: "retired"; readonly source: Source; readonly name: string }
  | { readonly outcome: "archived" }
  /** Nobody was ever given this URL. */
  | { readonly outcome: "unknown" };

/**
 * Yields the sources as they are.
 * @throws {Error} when a key is given out twice: a delivery could not be told apart
 */
export function checkSources(sources: readonly Source[]): readonly Source[] {
  const names = new Set<string>();
  for (const { sender, key, retired } of sources) {
    for (const name of [key, ...retired].map((one) => nameSource(sender, one))) {
      if (names.has(name)) throw new Error(`two sources have, or had, the key "${name}"`);
      names.add(name);
    }
  }
  return sources;
}

/** The source that a URL names. */
export function findSource(sources: readonly Source[], sender: string, key: string): FoundSource {
  const source = sources.find(
    (one) => one.sender === sender && (one.key === key || one.retired.includes(key)),
  );
  if (source === undefined) return { outcome: "unknown" };
  if (source.archived) return { outcome: "archived" };
  return source.key === key
    ? { outcome: "found", source }
    : { outcome: "retired", source, name: nameSource(source.sender, key) };
}

/** As {@link findSource}, by the name that a kept delivery has. */
export function findSourceByName(sources: readonly Source[], name: string): FoundSource {
  const [sender = "", key = ""] = name.split("/");
  return findSource(sources, sender, key);
}
