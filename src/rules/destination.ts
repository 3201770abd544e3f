import { z } from "zod";
import {
  findKeyProblem,
  findSettingProblem,
  isSecretName,
  quoteAll,
  secretNames,
} from "./declarations.ts";
import { findUrlProblem } from "./urls.ts";
import { sql } from "../lib/query.ts";

/** What a destination can be told of a decision; each decision is of exactly one type, for good. */
export const EVENT_TYPES = [
  /** A rep has it, and nobody had it right before. */
  "lead.assigned",
  /** Nobody has it. */
  "lead.unassigned",
  /** A rep has it, and the decision right before had given it to somebody, be it the same rep. */
  "lead.rerouted",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The type of the decision `d`: an expression for a query over `decisions d`. */
export const eventTypeOf = sql`CASE
  WHEN d.outcome = 'unassigned' THEN 'lead.unassigned'
  WHEN EXISTS (
    SELECT 1 FROM decisions b WHERE b.lead_id = d.lead_id AND b.generation = d.generation - 1 AND b.outcome = 'assigned'
  ) THEN 'lead.rerouted'
  ELSE 'lead.assigned' END`;

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
function findDestinationProblem(key: string, declared: unknown): string | null {
  return findKeyProblem(key) ?? findSettingProblem(settings, "a destination", declared);
}
