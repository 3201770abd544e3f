import { z } from "zod";
import { isControlName } from "./control-names.ts";
import type { FormSettings } from "./form.ts";
import { isHost, readWebUrl } from "./web-url.ts";

/** 63 characters at most, as of a pod: it stands in URLs. */
const KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

const text = z.string().regex(/^\S(?:.*\S)?$/s, "must be a text without blanks around it");
const secretName = z
  .string()
  .regex(SECRET_NAME, "must be a name in CAPITALS_AND_DIGITS, never the value itself");
const fieldName = text.refine((name) => !isControlName(name), {
  error: ({ input }) => `"${String(input)}" is a name that forms use to steer, not a field`,
});

const settings = z.strictObject({
  aliases: z
    .strictObject({
      formspree: z.union([text, z.array(text)]).optional(),
      web3forms: z.union([text, z.array(text)]).optional(),
      netlify: z.union([text, z.array(text)]).optional(),
      hubspot: z.union([text, z.array(text)]).optional(),
      salesforce: z.union([text, z.array(text)]).optional(),
    })
    .optional(),
  allowedOrigins: z
    .array(
      z.string().refine(isHost, {
        error: ({ input }) =>
          `"${String(input)}" is no host such as "example.com", "*.example.com" or "localhost:3000"`,
      }),
    )
    .optional(),
  allowMissingOrigin: z.boolean().optional(),
  thanks: z
    .string()
    .refine((url) => readWebUrl(url) !== null, "must be an https URL (http on localhost only)")
    .optional(),
  honeypot: text.optional(),
  captcha: z
    .strictObject({
      turnstile: secretName,
      whenUnreachable: z.enum(["quarantine", "accept"]),
    })
    .optional(),
  rateLimit: secretName.nullable().optional(),
  fieldAliases: z.record(text, fieldName).optional(),
  source: text.optional(),
  active: z.boolean().optional(),
});

/** What is wrong with a declaration, naming the setting; null when nothing is. */
export function findFormProblem(key: string, declared: FormSettings): string | null {
  if (!KEY.test(key))
    return "the key must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen";
  const issue = settings.safeParse(declared).error?.issues[0];
  if (issue === undefined) return null;
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return `"${issue.keys.join('", "')}" is no setting of a form; it can have ${quoteAll(Object.keys(settings.shape))}`;
  return `"${issue.path.join(".")}": ${issue.message}`;
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
