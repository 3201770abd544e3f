import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { archiveAudit } from "./archive-audit.ts";
import { archiveLeads } from "./archive-leads.ts";
import { firstKeptDay } from "./day.ts";
import { writeManifests } from "./manifest.ts";
import type { PartLimits } from "./old-run.ts";
import { readRetention, RETENTION_DAYS } from "./retention.ts";
import { tellOfPassedBy } from "./tell-passed-by.ts";
import { tidyArchive } from "./tidy.ts";
import type { ArchiveDeps } from "./write-part.ts";

/** A part's rows and bytes: with the copies that are made of it on its way some 20 MB of a Worker's 128 at once. */
export const PART_LIMITS: PartLimits = { rows: 2_000, bytes: 3_000_000 };
/** Parts per run: a run a minute moves over 5 million rows a day, in some 25 calls of D1, bucket and pods. */
const MAX_PARTS = 2;

/**
 * Moves what is older than `RETENTION_DAYS` from the database to the bucket: leads first, then the audit's closed days. Runs beside the
 * sweep and never rejects: what is left goes next time. A part that fails anywhere leaves everything where it was, and
 * each step fails by itself.
 */
export async function tendArchive(
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
      const { moved, passedBy } = await archiveLeads(deps, firstKept, limits);
      if (moved) left--;
      more = moved;
      await tellOfPassedBy(deps, passedBy);
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
