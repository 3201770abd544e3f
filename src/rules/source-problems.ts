import { z } from "zod";
import { findSettingProblem, key, quoteAll, secretNames, text } from "./declarations.ts";
import { readWebUrl } from "./web-url.ts";

const common = {
  key,
  secrets: secretNames,
  retired: z.array(key).optional(),
  archived: z.boolean().optional(),
  fieldAliases: z.record(text, text).optional(),
  source: text.optional(),
};

const settingsOf = {
  hubspot: z.strictObject({
    ...common,
    url: z
      .string("must be the URL as it stands in HubSpot")
      .refine((url) => readWebUrl(url) !== null, "must be an https URL (http on localhost only)"),
  }),
  webflow: z.strictObject({ ...common, proof: z.enum(["signature", "path"]).optional() }),
  other: z.strictObject(common),
};

/** What is wrong with a declaration, naming the setting; null when nothing is. */
export function findSourceProblem(
  sender: string,
  senders: readonly string[],
  declared: { readonly key: string; readonly retired?: readonly string[] },
): string | null {
  if (!senders.includes(sender))
    return `"${sender}" is no sender that is understood; there are ${quoteAll(senders)}`;
  const kind = sender === "hubspot" || sender === "webflow" ? sender : "other";
  const problem = findSettingProblem(settingsOf[kind], `a ${sender} source`, declared);
  if (problem !== null) return problem;
  return declared.retired?.includes(declared.key) === true
    ? `"retired": "${declared.key}" is the key that is in use`
    : null;
}
