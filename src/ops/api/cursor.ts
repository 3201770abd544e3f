import type { z } from "zod";
import { Problem } from "./problem.ts";

// A cursor is opaque to callers: base64url of JSON that names a list and the key of its last row. It grants
// nothing, so it is not signed: a made-up one merely starts the page elsewhere.

/** The cursor that carries on after the row with this key. The parts are plain ASCII: ids, days and numbers. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return btoa(JSON.stringify(key)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The key in a cursor.
 * @throws {Problem} 400 naming the cursor, when it holds no key of this shape
 */
export function decodeCursor<Key>(cursor: string, shape: z.ZodType<Key>): Key {
  const key = shape.safeParse(parse(cursor));
  if (key.success) return key.data;
  const message = "is none that this call has answered with these filters";
  throw new Problem("bad_request", `The cursor ${message}.`, [{ field: "cursor", message }]);
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
}
