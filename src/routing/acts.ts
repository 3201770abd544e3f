import { appendCommit } from "../record/events.ts";
import {
  type Act,
  doneAct,
  insertClosed,
  insertErased,
  insertErasedDecision,
  isOtherRequest,
  type Repeatable,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { rows, writeThenRead } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantReleaseOfClosed,
  wantReleases,
} from "../record/pending.ts";
import { releaseClaims } from "../pod/index.ts";
import { disputability, type DisputeWords, insertDisputed } from "../record/disputes.ts";
import { emptyLead } from "../record/leads.ts";

export type Closed =
  | {
      readonly outcome: "closed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly closedAt: number;
    }
  | { readonly outcome: "not_found" }
  | KeyReused
  | Obstacle;

/**
 * Closes a lead's newest generation and frees the open slot of its claim. Rejects when the outcome is unknown; safe to
 * repeat: a lead closes once, and a slot is freed once per claim. With `repeatable` the repetition of a request that closed
 * the lead answers what the first did, also when the lead was opened again since.
 */
export async function closeLead(
  deps: Deps,
  actor: string,
  leadId: string,
  { reason }: { readonly reason: string },
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Closed> {
  const now = deps.now();
  const act: Act = { ...repeatable, leadId, actor, reason, at: now };
  const [[done], [situation]] = await writeThenRead(
    deps.db,
    [
      insertClosed(act),
      appendCommit(now, [], [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
      wantReleaseOfClosed(act, now),
    ],
    [doneAct(act), situationOf(leadId)],
  );
  if (situation === undefined) return { outcome: "not_found" };
  if (done !== undefined) {
    if (isOtherRequest(act, done)) return { outcome: "key_reused" };
    const { generation, occurredAt: closedAt } = done;
    await releaseNow(deps, leadId, generation);
    return { outcome: "closed", leadId, generation, closedAt };
  }
  const obstacle = findObstacle(situation, null, ["undecided", "intent", "closed"]);
  if (obstacle === null) throw new Error("a lead was not closed though nothing stood in the way");
  return obstacle;
}

/** Frees the slot at once; should that fail, the sweep finds the `release` row. */
async function releaseNow(deps: Deps, leadId: string, generation: number): Promise<void> {
  try {
    await releaseClaims(deps, [{ leadId, generation }]);
  } catch (error) {
    deps.log("warn", "release_left_to_sweep", { leadId, generation, error: failureMessage(error) });
  }
}

export type Disputed =
  | {
      readonly outcome: "disputed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly disputedAt: number;
    }
  | { readonly outcome: "not_found" }
  /** The newest decision is that nobody gets the lead, or that somebody else does. */
  | { readonly outcome: "not_theirs"; readonly situation: Situation }
  /** Who should have had it is no rep. */
  | { readonly outcome: "no_such_rep" }
  /** The newest decision is disputed already. */
  | { readonly outcome: "disputed_before"; readonly situation: Situation }
  | KeyReused
  | Obstacle;

/**
 * Records that the owner of a lead's newest decision says it was not theirs: once per decision. It changes nothing else:
 * ops look at it and decide again, or close the lead. Rejects when the outcome is unknown; safe to repeat.
 */
export async function disputeLead(
  deps: Deps,
  actor: string,
  leadId: string,
  words: DisputeWords,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Disputed> {
  const at = deps.now();
  const act: Act = { ...repeatable, leadId, actor, reason: words.note, at };
  const [[done], [situation], [ability]] = await writeThenRead(
    deps.db,
    [
      insertDisputed(act, words),
      appendCommit(at, [], [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
    ],
    [doneAct(act), situationOf(leadId), disputability(leadId, words.shouldBe)],
  );
  if (situation === undefined) return { outcome: "not_found" };
  if (done !== undefined) {
    if (isOtherRequest(act, done)) return { outcome: "key_reused" };
    const { generation, occurredAt: disputedAt } = done;
    return { outcome: "disputed", leadId, generation, disputedAt };
  }
  const obstacle = findObstacle(situation, null, ["erased", "undecided", "closed"]);
  if (obstacle !== null) return obstacle;
  if (situation.ownerId !== words.repId) return { outcome: "not_theirs", situation };
  if (ability?.known === 0) return { outcome: "no_such_rep" };
  if (ability?.disputed === 1) return { outcome: "disputed_before", situation };
  throw new Error("a decision was not disputed though nothing stood in the way");
}

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

/** What stands in the way of an act on a lead. */
export type ObstacleKind =
  | "erased"
  /** No decision stands yet. */
  | "undecided"
  /** A re-route is under way. */
  | "intent"
  | "closed"
  /** The newest generation is not the one that the actor has seen. */
  | "superseded";

/** An obstacle, with the situation it was found in: as the act's own transaction left it. */
export interface Obstacle {
  readonly outcome: "refused";
  readonly obstacle: ObstacleKind;
  readonly situation: Situation;
}

const STANDS: Readonly<
  Record<ObstacleKind, (situation: Situation, seen: number | null) => boolean>
> = {
  erased: ({ erased }) => erased === 1,
  undecided: ({ newest }) => newest === 0,
  intent: ({ intent }) => intent !== null,
  closed: ({ closed }) => closed === 1,
  superseded: ({ newest }, seen) => seen !== null && newest !== seen,
};

/** The key that the request came with belongs to another request, which was done. */
export interface KeyReused {
  readonly outcome: "key_reused";
}

/** The first of these obstacles that stands, or null. `seen` is the generation the actor knew; null = any. */
export function findObstacle(
  situation: Situation,
  seen: number | null,
  kinds: readonly ObstacleKind[],
): Obstacle | null {
  const obstacle = kinds.find((kind) => STANDS[kind](situation, seen));
  return obstacle === undefined ? null : { outcome: "refused", obstacle, situation };
}
