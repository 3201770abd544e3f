import { findDestinationProblem } from "./destination-problems.ts";
import { EVENT_TYPES, type EventType } from "./event-type.ts";

/** What a destination may say of itself. */
export interface DestinationSettings {
  /**
   * Where decisions are posted: an https URL, or the NAME of the secret that holds it, for those who give out URLs that
   * nobody else may know (Zapier, Make, n8n).
   */
  readonly url: string;
  /**
   * The names of the secrets that sign, never their values: `whsec_` and base64. Two while one replaces the other: both
   * sign until the receiver knows the new one. A second one that is not set yet does not sign.
   */
  readonly secrets: readonly [string] | readonly [string, string];
  /** What it is told of. Default: everything. */
  readonly events?: readonly EventType[];
}

/** Where decisions are told beside Slack, as rules.ts declares it. */
export interface Destination {
  /** Names it in the ids of its deliveries, in the audit and in the log. */
  readonly key: string;
  readonly url: string;
  readonly secrets: readonly string[];
  readonly events: readonly EventType[];
}

/**
 * Declares where decisions are posted, signed as standardwebhooks.com has it:
 * `destination("crm", { url: "https://crm.example.com/hooks/leads", secrets: ["CRM_WEBHOOK_SECRET"] })`.
 * @throws {Error} naming the destination, when the key or a setting is not usable
 */
export function destination(key: string, settings: DestinationSettings): Destination {
  const problem = findDestinationProblem(key, settings);
  if (problem !== null) throw new Error(`destination "${key}": ${problem}`);
  const { url, secrets, events = EVENT_TYPES } = settings;
  return { key, url, secrets, events };
}

/**
 * Yields the destinations as they are.
 * @throws {Error} when two have one key: their deliveries could not be told apart
 */
export function checkDestinations(destinations: readonly Destination[]): readonly Destination[] {
  const keys = new Set<string>();
  for (const { key } of destinations) {
    if (keys.has(key)) throw new Error(`two destinations have the key "${key}"`);
    keys.add(key);
  }
  return destinations;
}
