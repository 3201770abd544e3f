import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { stringify as formatUuid } from "uuid";
import { z } from "zod";
import type { Repeatable } from "../../record/lead-acts.ts";
import { canonicalJson } from "../../rules/chain.ts";
import type { Deps } from "../../ports/deps.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { readIdempotencyKey } from "../../intake/index.ts";
import { Problem, type FieldProblem } from "./problem.ts";

// A POST with an Idempotency-Key takes effect once. No table of keys: the act's event has an id that is made from the key, so
// that the request's repetition finds the event in the audit, and what it did.

const HEADER = "Idempotency-Key";

/** The header of a POST, for its docs. */
export const idempotencyHeaders = z.object({
  [HEADER]: z
    .string()
    .optional()
    .meta({
      description:
        "1 to 255 visible ASCII characters of your own, new for each request: repeating it with the same key and body answers what " +
        "the first answered and does nothing again; with another body it is 422. A request that was refused may be made again.",
      example: "5f0c2f0e-close-1",
    }),
});

interface Asked {
  readonly deps: Pick<Deps, "newId">;
  readonly actor: string;
  readonly request: Request;
}

/**
 * What tells this request from others.
 * @param path names the act and what it is done to, the same however the caller wrote it
 * @param body as the schema let it through
 * @throws {Problem} bad_request, naming the header when it holds no key
 */
export function readRepeatable(asked: Asked, path: string, body: unknown): Repeatable {
  const key = readKey(asked.request.headers);
  if (key === null) return { eventId: asked.deps.newId() };
  return {
    eventId: deriveEventId(asked.actor, path, key),
    request: sha256Hex(canonicalJson(body)).slice(0, 16),
  };
}

/** As {@link readRepeatable}, of a request whose body is not known yet. */
export function readEventId({ deps, actor, request }: Asked, path: string): string {
  const key = readKey(request.headers);
  return key === null ? deps.newId() : deriveEventId(actor, path, key);
}

/**
 * The id of the event of an act that is asked for with this key: a UUIDv8, the SHA-256 of all three. Keys of different actors
 * and for different acts never meet.
 */
export function deriveEventId(actor: string, path: string, key: string): string {
  const bytes = sha256(utf8ToBytes(JSON.stringify([actor, path, key]))).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return formatUuid(bytes);
}

/** The key was sent with another request before, and that one was granted. */
export function keyReused(): Problem {
  const message = "was sent with another request before: take a new one";
  return new Problem("invalid", `The ${HEADER} ${message}.`, [{ field: HEADER, message }]);
}

function readKey(headers: Headers): string | null {
  const read = readIdempotencyKey(headers);
  if (read.ok) return read.key;
  const errors: readonly FieldProblem[] = read.errors.map(({ message }) => ({
    field: HEADER,
    message,
  }));
  throw new Problem("bad_request", `The ${HEADER} ${errors[0]?.message}.`, errors);
}
