import { eraseArchived, type ErasedFromArchive } from "../../archive/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { leadBehind } from "../../record/leads.ts";
import { eraseLead } from "../../routing/index.ts";
import { rows } from "../../lib/query.ts";

/** Erases the person from a lead, in D1 or in the archive, by any id that was answered for it. Safe to repeat. */
export async function eraseLeadAnywhere(
  deps: Deps,
  actor: string,
  given: string,
): Promise<ErasedFromArchive> {
  const [lead] = await rows(deps.db, leadBehind(given));
  const erased = lead === undefined ? null : await eraseLead(deps, actor, lead.id);
  // It may have gone into the archive between the two looks.
  if (erased !== null && erased.outcome !== "not_found") return erased;
  return await eraseArchived(deps, given, actor);
}
