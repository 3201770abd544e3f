import type { Deps } from "../../ports/deps.ts";
import { classifyFailure } from "../../lib/failure.ts";
import { limitTime, PERSIST_LIMIT_MS } from "../api/durable.ts";
import { writeThenRead } from "../../lib/query.ts";
import { raiseAlarm } from "./alarms.ts";
import { keepDelivery, keptAlready, type KeptReason, type NewDelivery } from "./deliveries.ts";

/**
 * Keeps what became no lead, and has ops told of its source. Never rejects: true when it is kept, false when D1 did not take it
 * in time, or its source had enough for an hour or, of what fits no secret, for a minute.
 */
export async function leaveDelivery(deps: Deps, left: NewDelivery): Promise<boolean> {
  const { source, reason, receivedAt } = left;
  if (await isFlood(deps, source, reason)) return false;
  const kept = writeThenRead(
    deps.db,
    [keepDelivery(left), raiseAlarm(source, reason, receivedAt)],
    [keptAlready(left)],
  ).then(
    ([rows]) => rows.length > 0,
    (error: unknown) => {
      deps.log("error", "webhook_not_kept", { source, reason, failure: classifyFailure(error) });
      return false;
    },
  );
  const inTime = await limitTime(deps, PERSIST_LIMIT_MS, kept, () =>
    deps.log("error", "webhook_kept_late", { source, reason }),
  );
  return inTime === true;
}

/**
 * Whether more fits no secret than wrangler.toml lets be refused in a minute: each would cost D1 a look at half a megabyte, for
 * which an attacker needs no secret.
 */
async function isFlood(deps: Deps, source: string, reason: KeptReason): Promise<boolean> {
  if (reason !== "bad_signature") return false;
  try {
    return (await deps.allow("REFUSALS", `webhook:${source}`)) === false;
  } catch (error) {
    deps.log("warn", "webhook_limit_unavailable", { source, failure: classifyFailure(error) });
    return false;
  }
}
