import { opsMessage } from "../notify/ops-message.ts";
import { tellOps } from "../notify/tell-ops.ts";
import { query, rows, sql, type Query } from "../storage/query.ts";
import type { ArchiveDeps } from "./write-part.ts";

/** The mark with the oldest lead that ops heard of. */
const TOLD = "archive_told";

/**
 * Tells ops once of leads that are old enough to go and may not, because they are undecided or something of them has still to be done:
 * again only once the oldest of them is another. Where nobody can hear, `GET /api/stuck` has them.
 */
export async function tellOfUnfinished(
  deps: ArchiveDeps,
  leadIds: readonly string[],
): Promise<void> {
  const [oldest] = leadIds;
  if (oldest === undefined) return;
  const [told] = await rows(deps.db, readTold());
  if (told?.value === oldest) return;
  deps.log("warn", "archive_passes_by", { leads: leadIds.length, leadId: oldest });
  const count = leadIds.length === 1 ? "A lead is" : `${leadIds.length} leads are`;
  const message = opsMessage(
    `${count} too old to keep, and not done`,
    leadIds,
    "They stay until they are decided and nothing waits for them any more: see GET /api/stuck. Other leads go meanwhile.",
  );
  const answer = await tellOps(deps, message);
  if (answer.outcome !== "again") await rows(deps.db, noteTold(oldest));
}

function readTold(): Query<{ value: string }> {
  return query(sql`SELECT value FROM marks WHERE name = ${TOLD}`);
}

function noteTold(oldest: string): Query {
  return query(sql`
    INSERT INTO marks (name, value) VALUES (${TOLD}, ${oldest}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
}
