import { z } from "zod";
import {
  findKeyProblem,
  findSettingProblem,
  isSecretName,
  quoteAll,
  secretNames,
} from "./declarations.ts";
import { EVENT_TYPES } from "./event-type.ts";
import { findUrlProblem } from "./receiver-url.ts";

const settings = z.strictObject({
  url: z
    .string("must be an https URL, or the name of the secret that holds it")
    .superRefine((url, context) => {
      if (isSecretName(url)) return;
      const problem = findUrlProblem(url);
      if (problem !== null) context.addIssue(problem);
    }),
  secrets: secretNames,
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

/** What is wrong with a declaration, naming the setting; null when nothing is. */
export function findDestinationProblem(key: string, declared: unknown): string | null {
  return findKeyProblem(key) ?? findSettingProblem(settings, "a destination", declared);
}
