import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { rows } from "../../lib/query.ts";
import { dropBefore, KEPT_MS } from "../../record/quarantine.ts";

/** Rows dropped per minute, some tens of milliseconds of D1: more than come in at 10 a second for days. */
const DROP_LIMIT = 1_000;

/** Drops what has been in quarantine for longer than it is kept. Runs beside the sweep and never rejects: what is left goes next time. */
export async function expire(deps: Pick<Deps, "db" | "now" | "log">): Promise<void> {
  try {
    const before = smallestLeadId(deps.now() - KEPT_MS);
    const dropped = await rows(deps.db, dropBefore(before, DROP_LIMIT));
    if (dropped.length > 0) deps.log("info", "quarantine_expired", { rows: dropped.length });
  } catch (error) {
    deps.log("warn", "quarantine_expiry_put_off", { error: failureMessage(error) });
  }
}
