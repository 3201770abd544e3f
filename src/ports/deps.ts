import type { Outbox } from "../lib/queue.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "../record/messages.ts";
import type { ArchiveBucket } from "./bucket.ts";
import type { Chain } from "../rules/chain.ts";
import type { Destination } from "../rules/destination.ts";
import type { Form } from "../rules/form.ts";
import type { Log } from "../lib/log.ts";
import type { PodPort } from "./pod.ts";
import type { Source } from "../rules/source.ts";

/**
 * Everything the stages may touch outside themselves. `src/platform.ts` fills it from the platform; the
 * simulation fills it with mocks under one scheduler that owns time.
 */
export interface Deps {
  readonly db: D1Database;
  readonly chain: Chain;
  /** The forms that rules.ts declares. */
  readonly forms: readonly Form[];
  /** The senders of webhooks that rules.ts declares. */
  readonly sources: readonly Source[];
  /** Where decisions are sent besides Slack, as rules.ts declares it. */
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

/** What every app of the router finds in Hono's context: src/index.ts puts it there. */
export interface WithDeps {
  Variables: { deps: Deps };
}
