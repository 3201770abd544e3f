import { findSourceProblem } from "./source-problems.ts";

/** Whose webhooks are understood. Each is a file in src/webhooks/senders. */
export const SENDERS = [
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
  /** Keys this source had before. Whoever still sends there is asked to send again later, and what they sent is kept. */
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
export function nameSource(sender: Sender, key: string): string {
  return `${sender}/${key}`;
}
