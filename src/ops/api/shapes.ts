import { z } from "zod";

// Pieces that the shapes of many answers share.

/** An instant in an answer: ISO 8601, UTC, to the millisecond. */
export const isoText = z.iso.datetime({ precision: 3 });

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item).readonly(),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "Send it as `cursor` for the next page; null on the last one." }),
  });
}
