import { z } from "zod";
import { RouterError } from "../../lib/failure.ts";
import { rows, writeThenRead } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import {
  appendCommit,
  insertEvents,
  leadEvent,
  recordEvents,
  replayedDetail,
  replayedEvent,
} from "../../record/events.ts";
import { findSourceByName, type Sender, type Source } from "../../rules/source.ts";
import type { Accepted, Submission } from "../accept.ts";
import { parseBody } from "../body/body.ts";
import { tryInTime } from "../durable.ts";
import { admit, type Steps } from "../receive.ts";
import type { Adapter, Delivery, Doubt, SentLead } from "./sender.ts";
import { calendly } from "./senders/calendly.ts";
import { googleAds } from "./senders/google-ads.ts";
import { hubspot } from "./senders/hubspot.ts";
import { standardWebhooks } from "./senders/standard-webhooks.ts";
import { tally } from "./senders/tally.ts";
import { typeform } from "./senders/typeform.ts";
import { webflowByPath, webflowSigned } from "./senders/webflow.ts";
import { draftOf, submissionKey } from "./submission.ts";
import { calmAlarms, type KeptReason } from "./trouble.ts";
import { dropKept, keptById, keptFromRow } from "./unclaimed.ts";

const ADAPTERS: Readonly<Record<Sender, Adapter>> = {
  calendly,
  "google-ads": googleAds,
  hubspot,
  "standard-webhooks": standardWebhooks,
  tally,
  typeform,
  webflow: webflowSigned,
};

/** What is known of a source's webhooks. */
export function adapterOf({ sender, proof }: Source): Adapter {
  return proof === "path" ? webflowByPath : ADAPTERS[sender];
}

/** A delivery, and the source it came to. */
export interface SourceDelivery {
  readonly ok: true;
  readonly source: Source;
  readonly delivery: Delivery;
  /** When it came, in milliseconds since the epoch: a signature is judged by that. */
  readonly receivedAt: number;
}

/** Something of a delivery became no lead. */
export interface Unclaimed {
  readonly ok: false;
  readonly outcome: "unclaimed";
  readonly reason: KeptReason;
  readonly doubt?: Doubt;
}

export function unclaimed(reason: KeptReason, doubt?: Doubt): Unclaimed {
  return { ok: false, outcome: "unclaimed", reason, ...(doubt !== undefined && { doubt }) };
}

/** How a delivery is known to be the sender's, and how leads are made of it, each once however often it comes. */
export function deliverySteps(deps: Deps): Steps<SourceDelivery, Unclaimed> {
  return {
    async guard({ source, delivery, receivedAt }) {
      // A secret that was pasted with the line's end is the same secret.
      const secrets = source.secrets.flatMap((name) => deps.secret(name)?.trim() || []);
      if (secrets.length === 0) return unclaimed("not_configured");
      const proof = { secrets, now: receivedAt, url: source.url };
      const doubt = await adapterOf(source).findDoubt(delivery, proof);
      if (doubt === null) return null;
      // A delivery that fits none of the secrets that are set may fit the one that is not.
      const ourMistake = doubt === "unusable_secret" || secrets.length < source.secrets.length;
      return unclaimed(ourMistake ? "not_configured" : "bad_signature", doubt);
    },

    async draft({ source, delivery }) {
      const parsed = parseBody(delivery.body);
      const reading = parsed && adapterOf(source).read(parsed.payload, delivery);
      if (reading === null || reading === "unreadable") return [unclaimed("unreadable")];
      if (!("ignored" in reading)) return reading.map((sent) => submissionOf(deps, source, sent));
      deps.log("info", "webhook_ignored", { source: source.name, why: reading.ignored });
      return [];
    },

    meanwhile: ({ source }) =>
      tryInTime(deps, rows(deps.db, calmAlarms(source.name)), warnOf("webhook_alarms_not_calmed")),
  };
}

function submissionOf(deps: Deps, source: Source, sent: SentLead): Submission | Unclaimed {
  const read = draftOf(source, sent);
  if (!read.ok) return unclaimed(read.reason);
  return {
    draft: read.draft,
    door: `webhook:${source.name}`,
    idempotencyKey: submissionKey(source.name, sent.id),
    quarantineFor: sent.isTest === true ? "test" : null,
    onRepeat: (leadId) => recordDuplicate(deps, source, leadId),
  };
}

/** Tells the lead's story that it was delivered again. The sender waits for this no longer than for D1, nor fails for it. */
async function recordDuplicate(deps: Deps, source: Source, leadId: string): Promise<void> {
  const now = deps.now();
  const event = leadEvent(
    deps.newId(),
    { leadId, generation: 1 },
    { kind: "duplicate_delivery", occurredAt: now, detail: { source: source.name } },
  );
  const recorded = recordEvents(deps.db, [event], now);
  await tryInTime(deps, recorded, warnOf("duplicate_delivery_not_recorded"));
}

function warnOf(event: string) {
  return { failed: ["warn", event], late: ["warn", event, { failure: "late" }] } as const;
}

/** A lead that is durable. */
interface AcceptedLead {
  readonly leadId: string;
  readonly outcome: "received" | "duplicate" | "quarantined";
}

/** What became of a delivery. */
export type DeliveryResult =
  /** Every lead in it is durable; there may be none. */
  | { readonly outcome: "accepted"; readonly leads: readonly AcceptedLead[] }
  | Unclaimed
  /** Neither D1 nor the queue has confirmed every lead. */
  | { readonly outcome: "unavailable" };

/** A delivery is asked for again while one of its leads is not durable; those that are stay one lead each. */
export function resultOfDelivery(outcomes: readonly (Accepted | Unclaimed)[]): DeliveryResult {
  if (outcomes.some(({ outcome }) => outcome === "unavailable")) return { outcome: "unavailable" };
  const leads: AcceptedLead[] = [];
  for (const one of outcomes) {
    switch (one.outcome) {
      case "unclaimed":
        return one;
      case "too_large":
        return unclaimed("too_large");
      case "received":
      case "duplicate": {
        const outcome = one.quarantined === true ? "quarantined" : one.outcome;
        leads.push({ leadId: one.leadId, outcome });
        break;
      }
      default:
        throw new RouterError(`a webhook's lead was ${one.outcome}`);
    }
  }
  return { outcome: "accepted", leads };
}

export type Replayed =
  | Exclude<DeliveryResult, Unclaimed>
  /** Nothing is kept under this id, or its time is over. */
  | { readonly outcome: "not_found" }
  /** rules.ts declares no such source, or says that it was given up. */
  | { readonly outcome: "no_source"; readonly source: string }
  /** The trouble is not over: it stays where it is. */
  | (Unclaimed & { readonly source: string });

const detail = z.object({
  leads: z.array(
    z.object({ leadId: z.string(), outcome: z.enum(["received", "duplicate", "quarantined"]) }),
  ),
});

/**
 * Accepts a delivery that was kept as if it came now, but judges its signature by when it came: with the secrets and the
 * declaration of today. Then nothing of it is kept any more. Repeating it answers the same. Rejects when the outcome is
 * unknown; safe to repeat.
 */
export async function replayDelivery(deps: Deps, actor: string, id: string): Promise<Replayed> {
  const [row] = await rows(deps.db, keptById(id, deps.now()));
  if (row === undefined) {
    const [done] = await rows(deps.db, replayedDetail(id));
    return done === undefined ? { outcome: "not_found" } : readDone(done);
  }
  const { source: name, reason, receivedAt, delivery } = keptFromRow(row);
  const found = findSourceByName(deps.sources, name);
  if (found.outcome === "unknown" || found.outcome === "archived")
    return { outcome: "no_source", source: name };
  const sent = { ok: true, source: found.source, delivery, receivedAt } as const;
  const result = resultOfDelivery(await admit(deps, deliverySteps(deps), sent));
  if (result.outcome === "unclaimed") return { ...result, source: name };
  if (result.outcome === "unavailable") return result;

  const now = deps.now();
  const event = replayedEvent(id, actor, now, { source: name, reason, leads: result.leads });
  const [[done]] = await writeThenRead(
    deps.db,
    [insertEvents([event]), appendCommit(now, [], [event]), dropKept(id)],
    [replayedDetail(id)],
  );
  if (done === undefined) throw new RouterError("a replay was recorded just now and is not there");
  return readDone(done);
}

function readDone(done: { readonly detail: string }): Replayed {
  return { outcome: "accepted", leads: detail.parse(JSON.parse(done.detail)).leads };
}
