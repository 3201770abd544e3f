import { z } from "zod";
import { EVENT_TYPES } from "./event-type.ts";
import { findUrlProblem } from "./receiver-url.ts";

// 63 characters at most, as of a form: it stands in URLs.
const KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

const secretName = z
  .string()
  .regex(SECRET_NAME, "must be a name in CAPITALS_AND_DIGITS, never the value itself");

const settings = z.strictObject({
  url: z
    .string("must be an https URL, or the name of the secret that holds it")
    .superRefine((url, context) => {
      if (isSecretName(url)) return;
      const problem = findUrlProblem(url);
      if (problem !== null) context.addIssue(problem);
    }),
  secrets: z
    .array(secretName, "must list the name of a secret, or of two while one replaces the other")
    .min(1, "must name a secret")
    .max(2, "must name two secrets at most")
    .refine((names) => new Set(names).size === names.length, "names one secret twice"),
  events: z
    .array(
      z.enum(EVENT_TYPES, {
        error: ({ input }) => `"${String(input)}" is no event; there are ${quoteAll(EVENT_TYPES)}`,
      }),
      "must list events",
    )
    .min(1, "must list an event")
    .refine((types) => new Set(types).size === types.length, "lists one event twice")
    .optional(),
});

/** Whether the URL of a destination is the name of the secret that holds it. */
export function isSecretName(url: string): boolean {
  return SECRET_NAME.test(url);
}

/** What is wrong with a declaration, naming the setting; null when nothing is. */
export function findDestinationProblem(key: string, declared: unknown): string | null {
  if (!KEY.test(key))
    return "the key must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen";
  const issue = settings.safeParse(declared).error?.issues[0];
  if (issue === undefined) return null;
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return `${quoteAll(issue.keys)} is no setting of a destination; it can have ${quoteAll(Object.keys(settings.shape))}`;
  return `"${issue.path.join(".")}": ${issue.message}`;
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
