/** Where a needle begins in the bytes from `start` on; -1 when nowhere. Skips ahead by up to its length (Horspool's search). */
export type FindBytes = (bytes: Uint8Array, start: number) => number;

/** Prepares the search for one needle, of at least one byte. */
export function prepareSearch(needle: Uint8Array): FindBytes {
  const last = needle.byteLength - 1;
  const skips = new Uint32Array(256).fill(needle.byteLength);
  for (let at = 0; at < last; at++) skips[needle[at] ?? 0] = last - at;
  return (bytes, start) => {
    let at = start;
    while (at + last < bytes.byteLength) {
      let back = last;
      while (back >= 0 && bytes[at + back] === needle[back]) back--;
      if (back < 0) return at;
      at += skips[bytes[at + last] ?? 0] ?? 1;
    }
    return -1;
  };
}
