import type { Chain } from "../src/rules/chain.ts";
import { readCsvLeads, type CsvColumn } from "./csv-leads.ts";
import type { DemoLead } from "./demo-lead.ts";
import { FILE_PACE, SAMPLE_PACE, type Pace } from "./follow-leads.ts";
import { LEADS } from "./sample-leads.ts";
import { placeMembers, raiseCaps, REPS, type SampleMember, type SampleRep } from "./sample-team.ts";

/** Whose leads are routed, how fast, and to whom. */
export interface Plan {
  readonly leads: readonly DemoLead[];
  readonly pace: Pace;
  readonly reps: readonly SampleRep[];
  readonly members: readonly SampleMember[];
  /** The user's file; null for the sample. */
  readonly file: { readonly path: string; readonly columns: readonly CsvColumn[] } | null;
}

/** @throws {UsageError} when the file cannot be used */
export async function planRun({ pods }: Chain, csvPath: string | null): Promise<Plan> {
  const members = placeMembers(pods);
  if (csvPath === null) {
    return { leads: LEADS, pace: SAMPLE_PACE, reps: REPS, members, file: null };
  }
  const { leads, columns } = await readCsvLeads(csvPath);
  const team = raiseCaps(REPS, members, leads.length);
  return { leads, pace: FILE_PACE, ...team, file: { path: csvPath, columns } };
}
