/** A list in parts of at most `size` items, in order. */
export function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

const encoder = new TextEncoder();

// Each item brings one byte, a comma or the closing bracket; the opening one is there from the start.
const BRACKET = 1;

/**
 * The values as JSON arrays of at most `maxBytes` UTF-8 bytes each, in order: one bound parameter carries many values, and D1
 * takes 2 MB a parameter. A value that is larger on its own gets an array of its own. No values, no arrays.
 */
export function chunkJson(values: readonly unknown[], maxBytes: number): readonly string[] {
  const chunks: string[] = [];
  let items: string[] = [];
  let bytes = BRACKET;
  for (const value of values) {
    const item = JSON.stringify(value);
    const size = encoder.encode(item).byteLength + 1;
    if (items.length > 0 && bytes + size > maxBytes) {
      chunks.push(`[${items.join(",")}]`);
      items = [];
      bytes = BRACKET;
    }
    items.push(item);
    bytes += size;
  }
  if (items.length > 0) chunks.push(`[${items.join(",")}]`);
  return chunks;
}
