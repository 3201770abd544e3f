import { opsMessage, tellOps } from "../notify/index.ts";
import { query, rows, sql, type Query } from "../lib/query.ts";
import type { PassedBy } from "./old-run.ts";
import type { ArchiveDeps } from "./write-part.ts";

/** The mark with the oldest lead that ops heard of. */
const TOLD = "archive_told";

/**
 * Tells ops once of leads that are old enough to go and may not, because they are undecided, something of them has still to be done or
 * their id names no day: again only once the oldest of them is another. Where nobody can hear, `GET /api/stuck` has those that wait.
 * Leads that the metrics have not counted yet are only logged: mostly that is over in a minute.
 */
export async function tellOfPassedBy(
  deps: ArchiveDeps,
  passedBy: readonly PassedBy[],
): Promise<void> {
  const uncounted = passedBy.filter(({ why }) => why === "uncounted");
  logPassedBy(deps, uncounted);
  const toTell = passedBy.filter(({ why }) => why !== "uncounted");
  const oldest = toTell[0]?.id;
  if (oldest === undefined) return;
  const [told] = await rows(deps.db, readTold());
  if (told?.value === oldest) return;
  for (const leads of Map.groupBy(toTell, ({ why }) => why).values()) logPassedBy(deps, leads);
  const count = toTell.length === 1 ? "A lead is" : `${toTell.length} leads are`;
  const message = opsMessage(
    `${count} too old to keep, and not done`,
    toTell.map(({ id, why }) => (why === "undated" ? `${id}: names no day` : id)),
    "They stay until they are decided and nothing waits for them any more: see GET /api/stuck. One whose id names no day stays for " +
      "ever. Other leads go meanwhile.",
  );
  const answer = await tellOps(deps, message);
  if (answer.outcome !== "again") await rows(deps.db, noteTold(oldest));
}

/** Of leads that are passed by for the same reason. */
function logPassedBy({ log }: ArchiveDeps, leads: readonly PassedBy[]): void {
  const [first] = leads;
  if (first === undefined) return;
  log("warn", "archive_passes_by", { leads: leads.length, leadId: first.id, why: first.why });
}

function readTold(): Query<{ value: string }> {
  return query(sql`SELECT value FROM marks WHERE name = ${TOLD}`);
}

function noteTold(oldest: string): Query {
  return query(sql`
    INSERT INTO marks (name, value) VALUES (${TOLD}, ${oldest}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
}
