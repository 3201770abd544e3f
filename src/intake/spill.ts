import type { Deps } from "../deps.ts";
import type { RouteRequest } from "../routing/request.ts";
import { writeThenRead } from "../storage/query.ts";
import { resolveAliases, storeSpilled } from "./leads.ts";

/**
 * Stores the leads that D1 did not take at the door, and yields the requests that remain. A lead whose
 * idempotency key already belonged to another became an alias of that one, which has its own way to a decision.
 */
export async function storeSpills(
  deps: Deps,
  requests: readonly RouteRequest[],
): Promise<readonly RouteRequest[]> {
  const spilled = requests.flatMap((request) => request.spilled ?? []);
  if (spilled.length === 0) return requests;
  const [names] = await writeThenRead(deps.db, storeSpilled(spilled), [
    resolveAliases(spilled.map(({ lead }) => lead.id)),
  ]);
  const aliases = new Set(names.filter(({ id, leadId }) => id !== leadId).map(({ id }) => id));
  return requests.filter(({ leadId }) => !aliases.has(leadId));
}
