import { env } from "cloudflare:workers";
import { chain, fallback, pod, type Chain } from "lead-router";
import type { Lead } from "../../src/rules/lead.ts";
import type { Deps } from "../../src/ports/deps.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import { insertLead } from "../../src/record/leads.ts";
import { consumeNotifications } from "../../src/notify/notifications.ts";
import { platform } from "../../src/platform.ts";
import type { Delivery } from "../../src/lib/queue.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { putMember } from "../../src/roster/members.ts";
import { putRep } from "../../src/roster/reps.ts";
import { rows } from "../../src/lib/query.ts";
import { DRAFT } from "../intake/api/fakes.ts";
import { zoneAtNoon } from "./client.ts";
import { readPost, type SlackPost } from "./slack.ts";

/** The router on the real D1 and Durable Objects, with its queues and Slack in the hands of the test. */
export interface OpenRouter {
  readonly deps: Deps;
  /** What was sent to each queue and lies there. */
  readonly leads: RouteMessage[];
  readonly notifications: NotifyMessage[];
  readonly posts: SlackPost[];
}

export function openRouter(overrides: Partial<Deps> = {}): OpenRouter {
  const leads: RouteMessage[] = [];
  const notifications: NotifyMessage[] = [];
  const posts: SlackPost[] = [];
  const deps: Deps = {
    ...platform(env),
    leads: { send: async (messages) => void leads.push(...messages) },
    notifications: { send: async (messages) => void notifications.push(...messages) },
    async fetch(url, init) {
      posts.push(readPost(url, init.body));
      return new Response("ok");
    },
    log: () => {},
    ...overrides,
  };
  return { deps, leads, notifications, posts };
}

/** A chain of one rule: whoever comes goes to this pod. */
export function chainTo(podId: string): Chain {
  return chain(fallback(pod(podId)));
}

/** What a rep brings along; caps are per local day. */
export interface RepSettings {
  readonly weight?: number;
  readonly dailyCap?: number;
  readonly openCap?: number;
  readonly ownDailyCap?: number;
}

/** Makes the reps, if they are new, and puts them into the pod in this order. */
export async function addMembers(
  { deps }: OpenRouter,
  podId: string,
  reps: Readonly<Record<string, RepSettings>>,
): Promise<void> {
  for (const [id, rep] of Object.entries(reps)) {
    const { weight = 1, dailyCap = null, openCap = null, ownDailyCap = null } = rep;
    const values = { name: id, email: null, slackUserId: null, workingHours: null };
    await putRep(deps, "ana", id, { ...values, timeZone: zoneAtNoon(), dailyCap: ownDailyCap });
    const { outcome } = await putMember(deps, "ana", podId, id, { weight, dailyCap, openCap });
    if (outcome !== "added") throw new Error(`${id} did not join ${podId}: ${outcome}`);
  }
}

/** A lead that D1 took and of which no queue knows. */
export async function storeLead({ deps }: OpenRouter, changes: Partial<Lead> = {}): Promise<Lead> {
  const lead: Lead = { ...DRAFT, id: deps.newId(), receivedAt: deps.now(), ...changes };
  await rows(deps.db, insertLead(lead, null));
  return lead;
}

export async function storeLeads(router: OpenRouter, count: number): Promise<Lead[]> {
  return await Promise.all(Array.from({ length: count }, () => storeLead(router)));
}

/** A message in a consumer's hands: null = neither acknowledged nor put off yet. */
export interface Held<Body> extends Delivery<Body> {
  outcome: "acked" | { readonly retriedAfter: number } | null;
}

export function hold<Body>(bodies: readonly Body[], attempts = 1): Held<Body>[] {
  return bodies.map((body): Held<Body> => ({
    body,
    attempts,
    outcome: null,
    // The first call wins, as on the platform.
    ack() {
      this.outcome ??= "acked";
    },
    retry({ delaySeconds }) {
      this.outcome ??= { retriedAfter: delaySeconds };
    },
  }));
}

/** Routes these leads in one batch and yields what became of each message. */
export async function routeLeads(
  { deps }: OpenRouter,
  leads: readonly Pick<Lead, "id">[],
  generation = 1,
): Promise<Held<RouteMessage>["outcome"][]> {
  const held = hold(leads.map(({ id }) => ({ leadId: id, generation })));
  await consumeLeads(deps, held);
  return held.map(({ outcome }) => outcome);
}

/** Delivers what lies in the queue `notifications`. */
export async function deliverNotifications({
  deps,
  notifications,
}: OpenRouter): Promise<Held<NotifyMessage>["outcome"][]> {
  const held = hold(notifications.splice(0));
  // Between messages to one channel a second passes: not here.
  await consumeNotifications({ ...deps, sleep: async () => {} }, held);
  return held.map(({ outcome }) => outcome);
}

type Value = string | number | null;

/** All rows that a piece of SQL yields on the real D1. */
export async function select(sql: string, ...values: Value[]): Promise<Record<string, Value>[]> {
  const { results } = await env.DB.prepare(sql)
    .bind(...values)
    .all<Record<string, Value>>();
  return results;
}
