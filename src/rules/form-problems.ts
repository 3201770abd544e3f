import { z } from "zod";
import { findKeyProblem, findSettingProblem, secretName, text } from "./declarations.ts";
import { isControlName } from "./control-names.ts";
import type { FormSettings } from "./form.ts";
import { isHost, readWebUrl } from "./web-url.ts";

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
  return findKeyProblem(key) ?? findSettingProblem(settings, "a form", declared);
}
