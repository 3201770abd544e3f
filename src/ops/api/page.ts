import { z } from "zod";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** Items a page has when nobody says otherwise. */
const DEFAULT_LIMIT = 50;
/** Most items of a page: even 200 of the largest leads the door takes stay well below a Worker's memory (128 MB). */
const MAX_LIMIT = 200;

const WRONG_LIMIT = `should be a whole number from 1 to ${MAX_LIMIT}`;

export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: WRONG_LIMIT })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, { error: WRONG_LIMIT })
    .default(DEFAULT_LIMIT)
    // To readers of the docs a number, whatever a query is made of.
    .meta({
      description: "Items a page has at most.",
      type: "integer",
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
    }),
  cursor: z
    .string()
    .optional()
    .meta({ description: "The `nextCursor` of the page before, with the same filters." }),
});

/** One page of a list, as the API answers it. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** What to send as `cursor` for the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/**
 * Reads a page of a list that is in the order of its keys.
 * @param name marks the list's cursors, so that one list refuses those of another
 * @param list yields up to `limit` items whose keys come after `after`
 * @throws {Problem} bad_request, naming the cursor, when it is none of this list
 */
export async function readPage<Item>(
  { limit, cursor }: z.infer<typeof pageQuery>,
  name: string,
  list: (after: string, limit: number) => Promise<readonly Item[]>,
  keyOf: (item: Item) => string,
): Promise<Page<Item>> {
  const key = z.tuple([z.literal(name), z.string()]);
  const after = cursor === undefined ? "" : decodeCursor(cursor, key)[1];
  // One more than asked for says whether another page follows.
  const found = await list(after, limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor([name, keyOf(last)]) : null };
}
