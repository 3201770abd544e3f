import { z } from "zod";
import { canonicalJson } from "../../rules/chain.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { Overtaken, Seen } from "../../roster/index.ts";
import { Problem } from "./problem.ts";

// Two people who edit the same thing: the second one is told (RFC 9110, 13.1). The tag is made from the values, and the change
// is made only if the values still stand in the transaction that changes them.

/**
 * Looks per change. The first is nearly always enough: after another the condition holds still only for `*` and for a change
 * that was taken back.
 */
const MAX_LOOKS = 3;

const ifMatch = z
  .string()
  .optional()
  .meta({
    description:
      "An ETag of this resource: make the change only if it is still this one, else 412. `*`: only if it exists. " +
      "A change that stands already is answered as if it had just been made.",
    example: '"6a1f0d2b9c3e47586a1f0d2b9c3e4758"',
  });
const ifNoneMatch = z.string().optional().meta({
  description: "`*`: only create it, 412 when it exists with other values.",
  example: "*",
});

/** The headers of a PUT, for its docs. */
export const putHeaders = z.object({ "If-Match": ifMatch, "If-None-Match": ifNoneMatch });
/** The header of an answer that shows one resource, for its docs. */
export const etagHeader = {
  ETag: "The tag of these values: what If-Match takes.",
};
/** The headers of a DELETE, for its docs. */
export const deleteHeaders = z.object({ "If-Match": ifMatch });

/** The strong ETag of these values, whatever the order of their names. */
export function tagOf(values: unknown): string {
  return `"${sha256Hex(canonicalJson(values)).slice(0, 32)}"`;
}

/** Whether two have the same values, whatever the order of their names. */
export function sameValues(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** A change to one resource, as its request's conditions need to see it. */
export interface Edit<Value, Result> {
  readonly read: () => Promise<Value | null>;
  /** True where it stands as the request wants it: what repeats a request whose answer was lost is no lost race. */
  readonly stands: (value: Value | null) => boolean;
  /** Makes the change if the resource still stands as it was seen; undefined = however it stands. */
  readonly write: (seen: Seen<Value>) => Promise<Result | Overtaken>;
}

/**
 * Makes a change under the request's `If-Match` and `If-None-Match`; without them, at once.
 * @throws {Problem} precondition_failed, bad_request when a header cannot be read
 */
export async function editUnderConditions<Value, Result extends object>(
  { headers }: Pick<Request, "headers">,
  edit: Edit<Value, Result>,
): Promise<Result> {
  const holds = readConditions(headers);
  for (let look = 1; look <= MAX_LOOKS; look++) {
    const seen = holds === null ? undefined : await edit.read();
    if (holds !== null && seen !== undefined && !holds(seen) && !edit.stands(seen)) break;
    const result = await edit.write(seen);
    if (!isOvertaken(result)) return result;
  }
  throw new Problem(
    "precondition_failed",
    "It does not stand as If-Match or If-None-Match say: somebody else changed it. Read it again.",
  );
}

function isOvertaken(result: object): result is Overtaken {
  return "outcome" in result && result.outcome === "overtaken";
}

type Condition = (value: unknown) => boolean;

function readConditions(headers: Headers): Condition | null {
  const match = headers.get("If-Match");
  const noneMatch = headers.get("If-None-Match");
  if (noneMatch !== null && noneMatch.trim() !== "*") throw malformed("If-None-Match", "*");
  if (match === null && noneMatch === null) return null;
  const matches = match === null ? () => true : readMatch(match);
  return (value) => matches(value) && (noneMatch === null || value === null);
}

/** Entity tags by RFC 9110, 8.8.3: visible characters but the quote. Weak ones are read, and match nothing. */
const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

function readMatch(header: string): Condition {
  if (header.trim() === "*") return (value) => value !== null;
  const tags = header.split(",").map((tag) => tag.trim());
  if (!tags.every((tag) => TAG.test(tag))) throw malformed("If-Match", '* or an ETag: "6a1f…"');
  return (value) => value !== null && tags.includes(tagOf(value));
}

function malformed(field: string, expected: string): Problem {
  const message = `should be ${expected}`;
  return new Problem("bad_request", `The header ${field} ${message}.`, [{ field, message }]);
}
