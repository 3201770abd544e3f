/** One page of a list. `next` names the last row that was looked at; null = the list ends here. */
export interface Page<Row, Key> {
  readonly rows: readonly Row[];
  readonly next: Key | null;
}

/**
 * Rows looked at per page of a list whose filter no index serves: three to four rows read for each, so a page
 * costs D1 a few milliseconds at most. Such a page may be short, or even empty, and `next` carries on.
 */
export const SCAN_LIMIT = 500;

/** How far a page's scan came. */
export interface Scan<Key> {
  readonly count: number;
  /** The scan's last row; null when it saw none. */
  readonly last: Key | null;
}

/** Cuts a page out of the rows that a scan of at most `scanLimit` rows found: of more than `limit`, the first so many. */
export function cutPage<Row, Key>(
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => Key,
  { count, last }: Scan<Key>,
  scanLimit: number,
): Page<Row, Key> {
  const rows = found.slice(0, limit);
  const lastRow = rows.at(-1);
  if (found.length > limit && lastRow !== undefined) return { rows, next: keyOf(lastRow) };
  return { rows, next: count < scanLimit ? null : last };
}
