import type { ArchiveBucket } from "./bucket.ts";
import type { Chain } from "../rules/chain.ts";
import type { Lead } from "../rules/lead.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { DeliverMessage } from "../notify/webhooks/deliver.ts";
import type { Destination } from "../rules/destination.ts";
import type { Form } from "../rules/form.ts";
import type { Log } from "../lib/log.ts";
import type { PodPort } from "./pod.ts";
import type { Source } from "../rules/source.ts";

/** A lead to route. `spilled` is the whole of it, and only when D1 did not take it at the door. */
export interface RouteMessage extends DecisionKey {
  readonly spilled?: SpilledLead;
}

export interface SpilledLead {
  readonly lead: Lead;
  readonly idempotencyKey: string | null;
  /** Whether it gives way to the same submission of the same moment, as acceptLead has it. */
  readonly mergeRepeats?: true;
  /** Why it is no lead yet but belongs into the quarantine; left out = it is a lead. */
  readonly suspicion?: Suspicion;
}

/** Why something is kept away from the reps. Words of our own and names of forms: never what somebody typed. */
export interface Suspicion {
  /** Where it came in: "form:contact". */
  readonly door: string;
  /** "honeypot:_gotcha" */
  readonly reason: string;
}

/** Decisions somebody is to hear of. Ids only: what is said is read when it is sent. */
export interface NotifyMessage {
  readonly decisions: readonly DecisionKey[];
  /** An earlier visit to Slack had no time for them, and handed them to the other receivers. */
  readonly carriedOn?: true;
}

/** The sending end of a queue. Resolves when the queue has every message, rejects when any may be missing. */
export interface Outbox<Message> {
  send(messages: readonly Message[]): Promise<void>;
}

/**
 * Everything the stages may touch outside themselves. `src/platform.ts` fills it from the platform; the
 * simulation fills it with stand-ins under one scheduler that owns time.
 */
export interface Deps {
  readonly db: D1Database;
  readonly chain: Chain;
  /** The forms that rules.ts declares. */
  readonly forms: readonly Form[];
  /** The senders of webhooks that rules.ts declares. */
  readonly sources: readonly Source[];
  /** Where decisions are told beside Slack, as rules.ts declares it. */
  readonly destinations: readonly Destination[];
  readonly leads: Outbox<RouteMessage>;
  readonly notifications: Outbox<NotifyMessage>;
  readonly deliveries: Outbox<DeliverMessage>;
  /** Where old leads and audit rows go; left out or null = nowhere, they stay. */
  readonly archive?: ArchiveBucket | null;
  /** The Durable Object of a pod. */
  readonly pod: (podId: string) => PodPort;
  /** The value of a secret; null while it is not set. Never logged, never stored. */
  readonly secret: (name: string) => string | null;
  /** Counts one more under a key of a rate limit of wrangler.toml: false when that is too many, null when no such limit is bound. */
  readonly allow: (limit: string, key: string) => Promise<boolean | null>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after this many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A new UUIDv7 at the present instant. */
  readonly newId: () => string;
  readonly log: Log;
}
