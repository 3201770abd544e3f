import { readStory, type LeadStory } from "../../record/lead-story.ts";
import type { Deps } from "../../ports/deps.ts";
import type { LeadLine } from "../../record/old-rows.ts";
import { suspectById, type SuspectRow } from "../../record/quarantine.ts";
import { readRep, type Rep } from "../../roster/index.ts";
import { rows } from "../../lib/query.ts";
import { keptById, type KeptDelivery, keptFromRow } from "../../intake/index.ts";
import type { PersonRequest } from "./erase.ts";
import { type Place, recordPersonAct, type Trace, walkPerson, WHERE } from "./person.ts";

/** One thing that is known of a person. */
export type Known =
  | { readonly type: "rep"; readonly rep: Rep }
  | { readonly type: "lead"; readonly story: LeadStory }
  /** Another id that was answered for a lead. */
  | { readonly type: "alias"; readonly id: string; readonly leadId: string }
  | { readonly type: "quarantined"; readonly row: SuspectRow }
  | { readonly type: "delivery"; readonly kept: KeptDelivery }
  | { readonly type: "archived_lead"; readonly lead: LeadLine };

/** What one call of an export found. */
export interface ExportedPart {
  readonly known: readonly Known[];
  readonly next: Place | null;
  /** Parts of the archive that are not searched yet; null while it was not come to them. */
  readonly partsLeft: number | null;
  /** Keys of the archive's parts that could not be read. */
  readonly unreadable: readonly string[];
  /** Whether this was the last call, and none of them left anything out. */
  readonly isComplete: boolean;
}

/**
 * Everything that is known of a person by their email, some of it a call. Audited before it is answered: rejects when that is not
 * known to be written.
 */
export async function exportPerson(
  deps: Deps,
  { requestId, actor, email, reason }: PersonRequest,
  start: Place | null,
): Promise<ExportedPart> {
  const walk = await walkPerson(deps, email, WHERE, start);
  const { traces, next, partsLeft, unreadable, missed } = walk;
  const known: Known[] = [];
  for (const trace of traces) {
    const found = await readTrace(deps, trace);
    if (found !== null) known.push(found);
  }
  const isComplete = next === null && !missed;
  const counts = { found: known.length, unreadable: unreadable.length };
  const act = { requestId, actor, reason, counts, isComplete } as const;
  await recordPersonAct(deps, { ...act, kind: "person_exported" });
  return { known, next, partsLeft, unreadable, isComplete };
}

/** Null = it went between the look and this. */
async function readTrace({ db, now }: Deps, trace: Trace): Promise<Known | null> {
  switch (trace.where) {
    case "reps": {
      const rep = await readRep(db, trace.id);
      return rep && { type: "rep", rep };
    }
    case "leads": {
      const story = await readStory(db, trace.id);
      return story && { type: "lead", story };
    }
    case "aliases":
      return { type: "alias", id: trace.id, leadId: trace.leadId };
    case "quarantine": {
      const [row] = await rows(db, suspectById(trace.id, now()));
      return row === undefined ? null : { type: "quarantined", row };
    }
    case "deliveries": {
      const [row] = await rows(db, keptById(trace.id, now()));
      return row === undefined ? null : { type: "delivery", kept: keptFromRow(row) };
    }
    case "archive":
      return { type: "archived_lead", lead: trace.found.lead };
  }
}
