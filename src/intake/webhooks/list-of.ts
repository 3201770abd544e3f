import { z } from "zod";

/** A list of which only what has the shape is read: one odd answer is no reason to lose the others. No list is an empty one. */
export function listOf<Item>(item: z.ZodType<Item>) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((one): Item[] => {
        const read = item.safeParse(one);
        return read.success ? [read.data] : [];
      }),
    );
}
