import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { isRecord } from "../../lib/json.ts";
import { readText } from "./body.ts";
import { Problem, type FieldProblem } from "./problem.ts";

/** Bytes of a JSON body. The largest that means anything, a rep with working hours, is under 10 kB. */
const MAX_JSON_BYTES = 1_000_000;

/** The last millisecond whose year has four digits, as ISO 8601 writes it without ado. */
const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * A JSON body that meets the schema.
 * @throws {Problem} too_large, bad_request when it is no JSON object, invalid when the schema refuses it
 */
export async function readJson<Output>(
  request: Request,
  schema: z.ZodType<Output>,
): Promise<Output> {
  const body = await readText(request, MAX_JSON_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's message quotes the body, which may hold personal data.
    throw new Problem("bad_request", "The body is not valid JSON.");
  }
  if (!isRecord(value)) throw new Problem("bad_request", "The body should be a JSON object.");
  return validate(schema, value);
}

/** @throws {Problem} invalid, naming each field by its path: "workingHours.mon[0][1]" */
export function validate<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const result = schema.safeParse(value, { error: plainWords });
  if (result.success) return result.data;
  throw refuseFields(listFieldProblems(result.error));
}

/** What is said where a schema has no words of its own. */
const plainWords: z.core.$ZodErrorMap = ({ code, input }) => {
  if (input === undefined) return "is required";
  return code === "invalid_type" ? "is of the wrong type" : undefined;
};

/** The problem of a request whose fields cannot be used. */
export function refuseFields(problems: readonly FieldProblem[]): Problem {
  const sentences = problems.map(({ field, message }) => `${field} ${message}`);
  return new Problem("invalid", `The request cannot be used: ${sentences.join("; ")}.`, problems);
}

/** One entry a field; the message reads on after the field's name. */
export function listFieldProblems(error: z.ZodError): readonly FieldProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
          field: nameField([...issue.path, key]),
          message: "is not known here",
        }))
      : [{ field: nameField(issue.path), message: issue.message }],
  );
}

function nameField(path: readonly PropertyKey[]): string {
  return z.core.toDotPath(path);
}

/** What a field should be; of one that is left out, that it is required. */
export function should(expected: string): z.core.$ZodErrorMap {
  return ({ input }) => (input === undefined ? "is required" : `should be ${expected}`);
}

/** Text of 1 to `longest` characters, white space around it dropped, of what SQLite and JSON can both hold. */
export function text(longest: number) {
  const error = should(`text of 1 to ${longest} characters`);
  return z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(longest, { error })
    .refine((value) => value.isWellFormed() && !value.includes("\0"), { error });
}

/** Ids of reps and absences, lower-cased; also what an account's owner is named by. Never an e-mail address. */
export const id = z
  .string({ error: should("an id") })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
    error: should(
      "an id: 1 to 63 letters, digits, dots, hyphens and underscores, the first a letter or digit",
    ),
  })
  .toLowerCase();

/** A yes or no that may be left out. */
export function yesOrNo(byDefault: boolean) {
  return z.boolean({ error: should("true or false") }).default(byDefault);
}

/** A cap on leads; left out or null = none. */
export const cap = z
  .int({ error: should("a whole number, 0 or more, or null") })
  .min(0, { error: should("a whole number, 0 or more, or null") })
  .nullable()
  .default(null);

/** An instant as ISO 8601 with its offset from UTC; yields milliseconds since the epoch. */
export const instant = z
  .string({ error: should("an instant") })
  .transform((value, context) => {
    const milliseconds = parseInstant(value);
    if (milliseconds !== null) return milliseconds;
    context.addIssue("should be an instant in ISO 8601 with an offset: 2026-12-01T09:00:00Z");
    return z.NEVER;
  })
  .meta({ format: "date-time" });

function parseInstant(value: string): number | null {
  try {
    const { epochMilliseconds } = Temporal.Instant.from(value);
    return epochMilliseconds >= 0 && epochMilliseconds <= LATEST_INSTANT ? epochMilliseconds : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
