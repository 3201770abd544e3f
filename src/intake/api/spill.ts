import type { Deps } from "../../ports/deps.ts";
import { insertSuspects } from "../../record/quarantine.ts";
import type { RouteRequest } from "../../record/messages.ts";
import { writeThenRead } from "../../lib/query.ts";
import { resolveAliases, storeSpilled } from "../../record/leads.ts";

/**
 * Stores what D1 did not take at the door, and yields the requests that remain. A lead whose idempotency key already
 * belonged to another became an alias of that one, which has its own way to a decision. What belongs into the quarantine is
 * put there, and is no request any more: nobody routes it until it is released.
 */
export async function storeSpills(
  { db }: Pick<Deps, "db">,
  requests: readonly RouteRequest[],
): Promise<readonly RouteRequest[]> {
  const spilled = requests.flatMap((request) => request.spilled ?? []);
  if (spilled.length === 0) return requests;
  const leads = spilled.filter(({ suspicion }) => suspicion === undefined);
  const suspects = spilled.flatMap(({ suspicion, ...whole }) =>
    suspicion === undefined ? [] : [{ ...whole, suspicion }],
  );
  const [names] = await writeThenRead(
    db,
    [...storeSpilled(leads), ...insertSuspects(suspects)],
    [resolveAliases(leads.map(({ lead }) => lead.id))],
  );
  const gone = new Set(names.filter(({ id, leadId }) => id !== leadId).map(({ id }) => id));
  for (const { lead } of suspects) gone.add(lead.id);
  return requests.filter(({ leadId }) => !gone.has(leadId));
}
