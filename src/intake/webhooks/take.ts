import { leadEvent, recordEvents } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { classifyFailure, RouterError } from "../../lib/failure.ts";
import { acceptLead, type Accepted } from "../api/accept.ts";
import { limitTime, PERSIST_LIMIT_MS } from "../api/durable.ts";
import { quarantine } from "../quarantine/quarantine.ts";
import { rows } from "../../lib/query.ts";
import { adapterOf } from "./adapters.ts";
import type { Delivery, Doubt, Reading, Submission } from "./adapter.ts";
import { calmAlarms } from "./alarms.ts";
import type { KeptReason } from "./deliveries.ts";
import { draftOf } from "./draft.ts";
import { parseBody } from "./parse-json.ts";
import type { Source } from "../../rules/source.ts";
import { submissionKey } from "./submission-key.ts";

/** A lead that is durable. */
export interface TakenLead {
  readonly leadId: string;
  readonly outcome: "received" | "duplicate" | "quarantined";
}

/** What became of a delivery. */
export type Taken =
  /** Every lead in it is durable; there may be none. */
  | { readonly outcome: "taken"; readonly leads: readonly TakenLead[] }
  /** Something of it became no lead. */
  | { readonly outcome: "left"; readonly reason: KeptReason; readonly doubt?: Doubt }
  /** Neither D1 nor the queue has confirmed every lead. */
  | { readonly outcome: "unavailable" };

/**
 * Takes what a sender delivered: checks that it is the sender's, and makes leads of it, each once however often it comes.
 * @param receivedAt when it came, in milliseconds since the epoch: a signature is judged by that
 */
export async function takeDelivery(
  deps: Deps,
  source: Source,
  delivery: Delivery,
  receivedAt: number,
): Promise<Taken> {
  const adapter = adapterOf(source);
  // A secret that was pasted with the line's end is the same secret.
  const secrets = source.secrets.flatMap((name) => deps.secret(name)?.trim() || []);
  if (secrets.length === 0) return { outcome: "left", reason: "not_configured" };
  const verdict = await adapter.verify(delivery, { secrets, now: receivedAt, url: source.url });
  if (!verdict.ok) {
    const { doubt } = verdict;
    // What fits none of the secrets that are set may fit the one that is not.
    const ourMistake = doubt === "unusable_secret" || secrets.length < source.secrets.length;
    return { outcome: "left", reason: ourMistake ? "not_configured" : "bad_signature", doubt };
  }
  const [taken] = await Promise.all([
    takeReading(deps, source, readDelivery(source, delivery)),
    calm(deps, source),
  ]);
  return taken;
}

function readDelivery(source: Source, delivery: Delivery): Reading {
  let payload: unknown;
  try {
    payload = parseBody(delivery.body);
  } catch {
    // The parser's message quotes the body.
    return { outcome: "unreadable" };
  }
  return adapterOf(source).read(payload, delivery);
}

async function takeReading(deps: Deps, source: Source, reading: Reading): Promise<Taken> {
  switch (reading.outcome) {
    case "unreadable":
      return { outcome: "left", reason: "unreadable" };
    case "ignored":
      deps.log("info", "webhook_ignored", { source: source.name, why: reading.why });
      return { outcome: "taken", leads: [] };
    case "submissions": {
      const all = await Promise.all(
        reading.submissions.map((submission) => takeSubmission(deps, source, submission)),
      );
      // What is not durable is asked for again; the leads that are stay one lead each.
      return (
        all.find(({ outcome }) => outcome === "unavailable") ??
        all.find(({ outcome }) => outcome === "left") ?? {
          outcome: "taken",
          leads: all.flatMap((one) => (one.outcome === "taken" ? one.leads : [])),
        }
      );
    }
  }
}

async function takeSubmission(deps: Deps, source: Source, submission: Submission): Promise<Taken> {
  const read = draftOf(source, submission);
  if (!read.ok) return { outcome: "left", reason: read.reason };
  const { draft } = read;
  const idempotencyKey = submissionKey(source.name, submission.id);
  const isTest = submission.isTest === true;
  const accepted: Accepted = isTest
    ? await quarantine(deps, {
        draft,
        door: `webhook:${source.name}`,
        reason: "test",
        idempotencyKey,
      })
    : await acceptLead(deps, draft, idempotencyKey, { door: `webhook:${source.name}` });
  switch (accepted.outcome) {
    case "received":
    case "duplicate": {
      const { outcome, leadId } = accepted;
      if (isTest) return { outcome: "taken", leads: [{ leadId, outcome: "quarantined" }] };
      if (outcome === "duplicate") await recordDuplicate(deps, source, leadId);
      return { outcome: "taken", leads: [{ leadId, outcome }] };
    }
    case "key_reused":
      throw new RouterError("a webhook's key was compared");
    case "too_large":
      return { outcome: "left", reason: "too_large" };
    case "unavailable":
      return accepted;
  }
}

/** Tells the lead's story that it was delivered again. The sender does not wait for more than its time, nor fail for it. */
async function recordDuplicate(deps: Deps, source: Source, leadId: string): Promise<void> {
  const now = deps.now();
  const event = leadEvent(
    deps.newId(),
    { leadId, generation: 1 },
    { kind: "duplicate_delivery", occurredAt: now, detail: { source: source.name } },
  );
  await inTime(deps, "duplicate_delivery_not_recorded", recordEvents(deps.db, [event], now));
}

async function calm(deps: Deps, source: Source): Promise<void> {
  await inTime(deps, "webhook_alarms_not_calmed", rows(deps.db, calmAlarms(source.name)));
}

/** Waits for what would be nice to have done. */
async function inTime(deps: Deps, failed: string, work: Promise<unknown>): Promise<void> {
  const told = work.catch((error: unknown) =>
    deps.log("warn", failed, { failure: classifyFailure(error) }),
  );
  await limitTime(deps, PERSIST_LIMIT_MS, told, () =>
    deps.log("warn", failed, { failure: "late" }),
  );
}
