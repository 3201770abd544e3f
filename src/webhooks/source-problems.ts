import { z } from "zod";
import { readWebUrl } from "../forms/web-url.ts";

// 63 characters at most, as of a form: it stands in URLs.
const KEY = /^[a-z0-9][a-z0-9-]{0,62}$/;
const KEY_WORDS =
  "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen";
const SECRET_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

const key = z.string(KEY_WORDS).regex(KEY, KEY_WORDS);
const text = z.string().regex(/^\S(?:.*\S)?$/s, "must be a text without blanks around it");
const secretName = z
  .string()
  .regex(SECRET_NAME, "must be a name in CAPITALS_AND_DIGITS, never the value itself");

const common = {
  key,
  secrets: z
    .array(secretName, "must list the name of a secret, or of two while one replaces the other")
    .min(1, "must name a secret")
    .max(2, "must name two secrets at most")
    .refine((names) => new Set(names).size === names.length, "names one secret twice"),
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
  const schema = settingsOf[kind];
  const issue = schema.safeParse(declared).error?.issues[0];
  if (issue === undefined)
    return declared.retired?.includes(declared.key) === true
      ? `"retired": "${declared.key}" is the key that is in use`
      : null;
  if (issue.code === "unrecognized_keys" && issue.path.length === 0)
    return `${quoteAll(issue.keys)} is no setting of a ${sender} source; it can have ${quoteAll(Object.keys(schema.shape))}`;
  return `"${issue.path.join(".")}": ${issue.message}`;
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
