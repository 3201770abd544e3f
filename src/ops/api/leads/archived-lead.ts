import { partsThatMayHold } from "../../../archive/index.ts";
import type { Deps } from "../../../ports/deps.ts";
import { Problem } from "../problem.ts";
import { noSuchLead } from "./lead-refusals.ts";

/** The problem of a lead that is not in the database: where it would be if it was archived. */
export async function explainNoLead(deps: Pick<Deps, "db">, id: string): Promise<Problem> {
  const parts = await partsThatMayHold(deps, id);
  if (parts.length === 0) return noSuchLead();
  const keys = parts.map(({ key }) => key).join(", ");
  return new Problem(
    "not_found",
    `There is no lead with this id in the database. Leads of its time were archived: if there was one, it is in GET /api/archives/${keys}.`,
  );
}
