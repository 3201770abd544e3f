import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import { archiveAudit } from "./archive-audit.ts";
import { archiveLeads, type PartLimits } from "./archive-leads.ts";
import { firstKeptDay } from "./day.ts";
import { writeManifests } from "./manifest.ts";
import { readRetention, RETENTION_DAYS } from "./retention.ts";
import { tellOfUnfinished } from "./tell-unfinished.ts";
import { tidyArchive } from "./tidy.ts";
import type { ArchiveDeps } from "./write-part.ts";

/** A part's rows and bytes: with the copies that are made of it on its way some 20 MB of a Worker's 128 at once. */
export const PART_LIMITS: PartLimits = { rows: 2_000, bytes: 3_000_000 };
/** Parts per run: a run a minute moves over 5 million rows a day, in some 25 calls of D1, bucket and pods. */
const MAX_PARTS = 2;

/**
 * Moves what is older than `RETENTION_DAYS` from the database to the bucket: leads first, then the audit's closed days. Runs beside the
 * sweep and never rejects: what is left goes next time. A part that fails anywhere leaves everything where it was.
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
  try {
    await tidyArchive({ ...deps, bucket });
    if (retention.outcome === "days")
      await moveOld({ ...deps, bucket }, retention.days, limits, maxParts);
    await writeManifests({ ...deps, bucket });
  } catch (error) {
    deps.log("warn", "archive_put_off", { error: failureMessage(error) });
  }
}

function refuse({ log }: Deps, reason: string): void {
  log("error", "retention_refused", { setting: RETENTION_DAYS, reason });
}

async function moveOld(
  deps: ArchiveDeps,
  retentionDays: number,
  limits: PartLimits,
  maxParts: number,
): Promise<void> {
  const firstKept = firstKeptDay(deps.now(), retentionDays);
  for (let parts = 0; parts < maxParts; parts++) {
    const { moved, unfinished } = await archiveLeads(deps, firstKept, limits);
    await tellOfUnfinished(deps, unfinished);
    if (!moved && !(await archiveAudit(deps, firstKept, limits))) return;
  }
}
