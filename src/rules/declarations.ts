import { z } from "zod";

// What declarations of rules.ts have in common: forms, sources, destinations, and a pod's own channel.

/** 63 characters at most, as in a DNS label: keys stand in URLs and in ids. */
const KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const KEY_WORDS =
  "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen";
/** As everybody writes the names of a Worker's variables. The secret itself, put here by mistake, does not pass. */
const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

export const keyText = z.string(KEY_WORDS).regex(KEY, KEY_WORDS);
export const text = z.string().regex(/^\S(?:.*\S)?$/s, "must be a text without blanks around it");
export const secretName = z
  .string()
  .regex(SECRET_NAME, "must be a name in CAPITALS_AND_DIGITS, never the value itself");
/** One, or two while one replaces the other. */
export const secretNames = z
  .array(secretName, "must list the name of a secret, or of two while one replaces the other")
  .min(1, "must name a secret")
  .max(2, "must name two secrets at most")
  .refine((names) => new Set(names).size === names.length, "names one secret twice");

export function isSecretName(value: string): boolean {
  return SECRET_NAME.test(value);
}

/** What is wrong with a key (the argument before the settings); null when nothing is. */
export function findKeyProblem(declared: string): string | null {
  return KEY.test(declared) ? null : `the key ${KEY_WORDS}`;
}

/**
 * What is wrong first with the settings of a declaration, naming the setting; null when nothing is.
 * @param what they are settings of, with its article: "a form"
 */
export function findSettingProblem(
  schema: z.ZodObject,
  what: string,
  declared: unknown,
): string | null {
  const issue = schema.safeParse(declared).error?.issues[0];
  if (issue === undefined) return null;
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return `${quoteAll(issue.keys)} is no setting of ${what}; it can have ${quoteAll(Object.keys(schema.shape))}`;
  return `"${issue.path.join(".")}": ${issue.message}`;
}

/** `"a", "b"` */
export function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
