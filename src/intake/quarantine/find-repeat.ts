import type { Lead } from "../../rules/lead.ts";
import type { Deps } from "../../ports/deps.ts";
import { classifyFailure } from "../../lib/failure.ts";
import { limitTime, PERSIST_LIMIT_MS } from "../api/durable.ts";
import { standingLeadId, standingOfKey } from "../../record/leads.ts";
import { transaction } from "../../lib/query.ts";
import type { Suspect } from "./quarantine.ts";
import { standingSuspectId, suspectOfKey } from "../../record/quarantine.ts";

/** The id of a lead, or of what is quarantined, that already stands for a submission; null where none is known in time. Never rejects. */
export async function findRepeat(
  deps: Deps,
  submission: Omit<Suspect, "reason">,
): Promise<string | null> {
  const found = lookUp(deps, submission).catch((error: unknown) => {
    deps.log("warn", "repeat_not_looked_up", { failure: classifyFailure(error) });
    return null;
  });
  return await limitTime(deps, PERSIST_LIMIT_MS, found, () =>
    deps.log("warn", "repeat_look_up_late"),
  );
}

async function lookUp(
  { db, newId, now }: Deps,
  { draft, door, idempotencyKey }: Omit<Suspect, "reason">,
): Promise<string | null> {
  const lead: Lead = { ...draft, id: newId(), receivedAt: now() };
  const suspected = { lead, idempotencyKey, suspicion: { door, reason: "" } };
  if (idempotencyKey === null) {
    const [[asLead], [asSuspect]] = await transaction(db, [
      standingLeadId(lead),
      standingSuspectId(suspected),
    ]);
    return asLead?.id ?? asSuspect?.id ?? null;
  }
  const [[asLead], [asSuspect]] = await transaction(db, [
    standingOfKey(lead, idempotencyKey),
    suspectOfKey(suspected, idempotencyKey),
  ]);
  const standing = asLead ?? asSuspect;
  return standing?.same === 1 ? standing.id : null;
}
