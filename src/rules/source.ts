import { z } from "zod";
import { findSettingProblem, keyText, quoteAll, secretNames, text } from "./declarations.ts";
import { readWebUrl } from "./urls.ts";

/** Whose webhooks are understood. Each is a file in src/intake/webhooks/senders. */
const SENDERS = [
  "calendly",
  "google-ads",
  "hubspot",
  "standard-webhooks",
  "tally",
  "typeform",
  "webflow",
] as const;
export type Sender = (typeof SENDERS)[number];

/** What every source may say of itself. */
export interface SourceSettings {
  /** What the URL ends in: 1 to 63 lower-case letters, digits and hyphens. One per webhook that is set up at the sender. */
  readonly key: string;
  /**
   * The names of the secrets, never their values; either is accepted, so that one can replace the other. A second name whose
   * secret is not set yet says that a change is under way: what does not fit the first is then asked for again (503), not
   * refused (401).
   */
  readonly secrets: readonly [string] | readonly [string, string];
  /** Keys this source had before. A sender that still uses one is asked to send again later, and the delivery is kept. */
  readonly retired?: readonly string[];
  /** True of a source that was given up on purpose: the sender is told that it is gone (410), and stops. Default: false. */
  readonly archived?: boolean;
  /** Names of the sender's questions, and the fields they are: `{ "Where do you work?": "company" }`. */
  readonly fieldAliases?: Readonly<Record<string, string>>;
  /** The lead's source when it names none. Default: the sender. */
  readonly source?: string;
}

interface HubSpotSettings extends SourceSettings {
  /** The URL as it stands in HubSpot, which signs it: behind a proxy the router itself is called by another. */
  readonly url: string;
}

interface WebflowSettings extends SourceSettings {
  /**
   * "signature": hooks made through Webflow's API. "path": hooks made in its dashboard, which are not signed: the secret is
   * the last part of their URL, /in/webflow/KEY/SECRET. Default: "signature".
   */
  readonly proof?: "signature" | "path";
}

/** What each sender's source takes. */
export type SettingsOf<Of extends Sender> = Of extends "hubspot"
  ? HubSpotSettings
  : Of extends "webflow"
    ? WebflowSettings
    : SourceSettings;

/** A webhook that leads come in by, as rules.ts declares it. */
export interface Source {
  readonly sender: Sender;
  readonly key: string;
  /** "typeform/contact": names it in the lead's field `_source`, in the audit and in the log. */
  readonly name: string;
  readonly secrets: readonly string[];
  readonly retired: readonly string[];
  readonly archived: boolean;
  readonly fieldAliases: ReadonlyMap<string, string>;
  readonly source: string;
  /** What the sender signs as the URL; null where it signs none. */
  readonly url: string | null;
  readonly proof: "signature" | "path";
}

/**
 * Declares a webhook: `source("typeform", { key: "contact", secrets: ["TYPEFORM_SECRET"] })` takes what is posted to
 * `/in/typeform/contact`.
 * @throws {Error} naming the source, when the sender or a setting is not usable
 */
export function source<const Of extends Sender>(sender: Of, settings: SettingsOf<Of>): Source {
  const problem = findSourceProblem(sender, SENDERS, settings);
  if (problem !== null) throw new Error(`source "${sender}/${settings.key}": ${problem}`);
  const { key, secrets, retired = [], archived = false, fieldAliases = {} } = settings;
  return {
    sender,
    key,
    name: nameSource(sender, key),
    secrets,
    retired,
    archived,
    fieldAliases: new Map(Object.entries(fieldAliases)),
    source: settings.source ?? sender,
    url: "url" in settings ? settings.url : null,
    proof: ("proof" in settings && settings.proof) || "signature",
  };
}

/** "typeform/contact" */
function nameSource(sender: Sender, key: string): string {
  return `${sender}/${key}`;
}

/** The source behind a URL. */
export type FoundSource =
  | { readonly outcome: "found"; readonly source: Source }
  /** The source had this key once. */
  | { readonly outcome: "retired"; readonly source: Source; readonly name: string }
  | { readonly outcome: "archived" }
  /** Nobody was ever given this URL. */
  | { readonly outcome: "unknown" };

/**
 * Yields the sources as they are.
 * @throws {Error} when a key is given out twice: a delivery could not be told apart
 */
export function checkSources(sources: readonly Source[]): readonly Source[] {
  const names = new Set<string>();
  for (const { sender, key, retired } of sources) {
    for (const name of [key, ...retired].map((one) => nameSource(sender, one))) {
      if (names.has(name)) throw new Error(`two sources have, or had, the key "${name}"`);
      names.add(name);
    }
  }
  return sources;
}

/** The source that a URL names. */
export function findSource(sources: readonly Source[], sender: string, key: string): FoundSource {
  const found = sources.find(
    (one) => one.sender === sender && (one.key === key || one.retired.includes(key)),
  );
  if (found === undefined) return { outcome: "unknown" };
  if (found.archived) return { outcome: "archived" };
  return found.key === key
    ? { outcome: "found", source: found }
    : { outcome: "retired", source: found, name: nameSource(found.sender, key) };
}

/** As {@link findSource}, by the name that a kept delivery has. */
export function findSourceByName(sources: readonly Source[], name: string): FoundSource {
  const [sender = "", key = ""] = name.split("/");
  return findSource(sources, sender, key);
}

const common = {
  key: keyText,
  secrets: secretNames,
  retired: z.array(keyText).optional(),
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
function findSourceProblem(
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
