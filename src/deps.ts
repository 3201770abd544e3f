import type { Chain } from "./chain/chain.ts";
import type { Lead } from "./chain/lead.ts";
import type { DecisionKey } from "./decision-key.ts";
import type { PodPort } from "./pod/port.ts";

/** A lead to route. `spilled` is the whole of it, and only when D1 did not take it at the door. */
export interface RouteMessage extends DecisionKey {
  readonly spilled?: SpilledLead;
}

export interface SpilledLead {
  readonly lead: Lead;
  readonly idempotencyKey: string | null;
}

/** Decisions somebody is to hear of. Ids only: what is said is read when it is sent. */
export interface NotifyMessage {
  readonly decisions: readonly DecisionKey[];
}

/** The sending end of a queue. Resolves when the queue has every message, rejects when any may be missing. */
export interface Outbox<Message> {
  send(messages: readonly Message[]): Promise<void>;
}

/** One line of the log: ids, kinds and numbers only, never personal data. */
export type Log = (
  level: "info" | "warn" | "error",
  event: string,
  detail?: Readonly<Record<string, string | number | boolean | null>>,
) => void;

/**
 * Everything the stages may touch outside themselves. `src/platform.ts` fills it from the platform; the
 * simulation fills it with stand-ins under one scheduler that owns time.
 */
export interface Deps {
  readonly db: D1Database;
  readonly chain: Chain;
  readonly leads: Outbox<RouteMessage>;
  readonly notifications: Outbox<NotifyMessage>;
  /** The Durable Object of a pod. */
  readonly pod: (podId: string) => PodPort;
  /** The value of a secret; null while it is not set. Never logged, never stored. */
  readonly secret: (name: string) => string | null;
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
