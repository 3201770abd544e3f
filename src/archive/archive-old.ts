import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { archiveAudit } from "./archive-audit.ts";
import { archiveLeads, type PartLimits, type HeldBack } from "./archive-leads.ts";
import { firstKeptDay } from "./lead-line.ts";
import { writeManifests } from "./manifest.ts";
import { type ArchiveDeps, tidyArchive } from "./parts.ts";
import { notifyOps, opsMessage } from "../notify/index.ts";
import { rows } from "../lib/query.ts";
import { markNamed, setMarks } from "../record/marks.ts";

/** A part's rows and bytes: with the copies that are made of it on its way some 20 MB of a Worker's 128 at once. */
const PART_LIMITS: PartLimits = { rows: 2_000, bytes: 3_000_000 };
/** Parts per run: a run a minute moves over 5 million rows a day, in some 25 calls of D1, bucket and pods. */
const MAX_PARTS = 2;

/**
 * Moves what is older than `RETENTION_DAYS` from the database to the bucket: leads first, then the audit's closed days. Runs beside the
 * sweep and never rejects: what is left goes next time. A part that fails anywhere leaves everything where it was, and
 * each step fails by itself.
 */
export async function archiveOld(
  deps: Deps,
  limits: PartLimits = PART_LIMITS,
  maxParts: number = MAX_PARTS,
): Promise<void> {
  const { archive: bucket } = deps;
  const retention = readRetention(deps);
  if (retention.outcome === "refused") refuse(deps, retention.problem);
  if (retention.outcome === "days" && !bucket)
    refuse(deps, "no bucket is bound as ARCHIVE: nothing is removed");
  // Parts that are there are looked after also when nothing is to follow them.
  if (!bucket) return;
  const bound = { ...deps, bucket };
  await attempt(deps, "tidy", () => tidyArchive(bound));
  if (retention.outcome === "days")
    await moveOld(bound, firstKeptDay(deps.now(), retention.days), limits, maxParts);
  await attempt(deps, "manifests", () => writeManifests(bound));
}

function refuse({ log }: Deps, reason: string): void {
  log("error", "retention_refused", { setting: RETENTION_DAYS, reason });
}

/** What stops the leads does not stop the audit of those that are gone. */
async function moveOld(
  deps: ArchiveDeps,
  firstKept: string,
  limits: PartLimits,
  maxParts: number,
): Promise<void> {
  let left = maxParts;
  await attempt(deps, "leads", async () => {
    for (let more = true; more && left > 0;) {
      const { moved, heldBack } = await archiveLeads(deps, firstKept, limits);
      if (moved) left--;
      more = moved;
      await notifyOfHeldBack(deps, heldBack);
    }
  });
  await attempt(deps, "audit", async () => {
    while (left > 0 && (await archiveAudit(deps, firstKept, limits))) left--;
  });
}

async function attempt(deps: Deps, why: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    deps.log("warn", "archive_put_off", { why, error: failureMessage(error) });
  }
}

/** The variable that says how many days leads and audit rows stay in the database; unset = for ever. */
const RETENTION_DAYS = "RETENTION_DAYS";
/**
 * The fewest days: a queue keeps a spilled lead for 14 days, the quarantine a submission for 30, and neither may come back as new once
 * its first decision is gone.
 */
const LEAST_DAYS = 30;
/** A century: more is a slip. */
const MOST_DAYS = 36_525;

/** How long rows stay in the database. */
type Retention =
  | { readonly outcome: "for_ever" }
  | { readonly outcome: "days"; readonly days: number }
  /** The variable is no number of days that can be kept to: nothing is removed. */
  | { readonly outcome: "refused"; readonly problem: string };

function readRetention({ secret }: Pick<Deps, "secret">): Retention {
  const value = secret(RETENTION_DAYS);
  if (value === null) return { outcome: "for_ever" };
  const days = Number(value);
  if (/^\d+$/.test(value) && days >= LEAST_DAYS && days <= MOST_DAYS)
    return { outcome: "days", days };
  const problem = `${RETENTION_DAYS} should be a whole number from ${LEAST_DAYS} to ${MOST_DAYS}: nothing is removed`;
  return { outcome: "refused", problem };
}

/** The mark with the oldest lead that ops heard of. */
const TOLD = "archive_told";

/**
 * Tells ops once of leads that are old enough to go and may not, because they are undecided, something of them has still to be done or
 * their id names no day: again only once the oldest of them is another. Where nobody can hear, `GET /api/stuck` has those that wait.
 * Leads that the metrics have not counted yet are only logged: mostly that is over in a minute.
 */
async function notifyOfHeldBack(deps: ArchiveDeps, heldBack: readonly HeldBack[]): Promise<void> {
  const uncounted = heldBack.filter(({ why }) => why === "uncounted");
  logPassedBy(deps, uncounted);
  const toTell = heldBack.filter(({ why }) => why !== "uncounted");
  const oldest = toTell[0]?.id;
  if (oldest === undefined) return;
  const [told] = await rows(deps.db, markNamed(TOLD));
  if (told?.value === oldest) return;
  for (const leads of Map.groupBy(toTell, ({ why }) => why).values()) logPassedBy(deps, leads);
  const count = toTell.length === 1 ? "A lead is" : `${toTell.length} leads are`;
  const message = opsMessage(
    `${count} too old to keep, and not done`,
    toTell.map(({ id, why }) => (why === "undated" ? `${id}: names no day` : id)),
    "They stay until they are decided and nothing waits for them any more: see GET /api/stuck. One whose id names no day stays for " +
      "ever. Other leads go meanwhile.",
  );
  const answer = await notifyOps(deps, message);
  if (answer.outcome !== "again") await rows(deps.db, setMarks([[TOLD, oldest]]));
}

/** Of leads that are passed by for the same reason. */
function logPassedBy({ log }: ArchiveDeps, leads: readonly HeldBack[]): void {
  const [first] = leads;
  if (first === undefined) return;
  log("warn", "archive_passes_by", { leads: leads.length, leadId: first.id, why: first.why });
}
