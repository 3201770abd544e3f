import { appendCommit } from "../record/events.ts";
import {
  type Act,
  doneAct,
  insertErased,
  insertErasedDecision,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { emptyLead } from "../record/leads.ts";
import { rows, writeThenRead } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantReleaseOfClosed,
  wantReleases,
} from "../record/pending.ts";

export type Erased =
  | { readonly outcome: "erased"; readonly leadId: string }
  | { readonly outcome: "not_found" }
  /** The lead kept moving while it was looked at: ask again. */
  | { readonly outcome: "busy" };

/** Looks at the lead per call: another is needed only when a decision fell between the look and the write. */
const MAX_LOOKS = 3;

/**
 * Erases the person from a lead. What is undecided is first decided (`unassigned`), then the person's fields are
 * emptied; the row and its audit stay, and hold no personal data. Rejects when the outcome is unknown; safe to repeat.
 */
export async function eraseLead(deps: Deps, actor: string, leadId: string): Promise<Erased> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [seen] = await rows(deps.db, situationOf(leadId));
    if (seen === undefined) return { outcome: "not_found" };
    if (seen.erased || (await commitErasure(deps, actor, seen)))
      return { outcome: "erased", leadId };
  }
  return { outcome: "busy" };
}

async function commitErasure(deps: Deps, actor: string, seen: Situation): Promise<boolean> {
  const { leadId } = seen;
  const at = deps.now();
  const act: Act = { leadId, eventId: deps.newId(), actor, reason: "", at };
  const undecided = seen.intent ?? (seen.newest === 0 ? 1 : null);
  const keys = undecided === null ? [] : [{ leadId, generation: undecided }];
  const [[done]] = await writeThenRead(
    deps.db,
    [
      insertErased(act, seen, undecided ?? seen.newest),
      ...keys.map(({ generation }) => insertErasedDecision(act, generation, deps.chain.version)),
      emptyLead(act),
      appendCommit(at, keys, [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
      routeBecomesNotify(keys, at + NOTIFY_GRACE_MS),
      wantReleases(keys, at),
      wantReleaseOfClosed(act, at),
    ],
    [doneAct(act)],
  );
  return done !== undefined;
}
