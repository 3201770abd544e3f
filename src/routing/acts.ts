import { appendCommit } from "../record/events.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { disputability, insertDisputed, type DisputeWords } from "../record/disputes.ts";
import {
  type Act,
  doneAct,
  type DoneAct,
  insertClosed,
  insertErased,
  insertErasedDecision,
  isOtherRequest,
  type Repeatable,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { emptyLead } from "../record/leads.ts";
import { failureMessage } from "../lib/failure.ts";
import { rows, writeThenRead, type Query } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantReleaseOfClosed,
  wantReleases,
} from "../record/pending.ts";
import { releaseClaims } from "../pod/index.ts";

// What people do to a lead. Each act is one transaction whose guards D1 checks, so its own event, read back in that
// transaction, shows whether it took effect.

type ActDeps = Pick<Deps, "db" | "now" | "newId" | "log">;

/** Why an act on a lead is refused. */
export type RefusalReason =
  | "erased"
  /** The lead has no decision yet. */
  | "undecided"
  /** A re-route is under way. */
  | "intent"
  | "closed"
  /** The newest generation is not the one that the actor has seen. */
  | "superseded";

/** A refusal, with the situation that caused it: as the act's own transaction left it. */
export interface Refusal {
  readonly outcome: "refused";
  readonly reason: RefusalReason;
  readonly situation: Situation;
}

/** Why any act may not be done. `key_reused`: the request's key belongs to another request, which was done. */
export type Undone = { readonly outcome: "not_found" | "key_reused" } | Refusal;

const APPLIES: Readonly<
  Record<RefusalReason, (situation: Situation, seen: number | null) => boolean>
> = {
  erased: ({ erased }) => erased === 1,
  undecided: ({ newest }) => newest === 0,
  intent: ({ intent }) => intent !== null,
  closed: ({ closed }) => closed === 1,
  superseded: ({ newest }, seen) => seen !== null && newest !== seen,
};

/** The first of these reasons that applies, or null. `seen` is the generation the actor knew; null = any. */
export function findRefusal(
  situation: Situation,
  seen: number | null,
  reasons: readonly RefusalReason[],
): Refusal | null {
  const reason = reasons.find((one) => APPLIES[one](situation, seen));
  return reason === undefined ? null : { outcome: "refused", reason, situation };
}

/** What became of an act: done, by this call or by an earlier one that it repeats, or not. */
type Attempt<Extra> =
  | { readonly outcome: "done"; readonly done: DoneAct }
  | { readonly outcome: "not_found" | "key_reused" }
  | { readonly outcome: "not_done"; readonly situation: Situation; readonly extra?: Extra };

/**
 * Attempts an act in one transaction: its events, their commit, and what follows from them. No events = it only looks.
 * @param extra one more thing to read in that transaction, for what refused the act
 */
export async function attemptAct<Extra = never>(
  db: D1Database,
  act: Act,
  events: readonly Query[],
  consequences: readonly Query[],
  extra: readonly Query<Extra>[] = [],
): Promise<Attempt<Extra>> {
  const writes = events.length === 0 ? [] : [...events, commitOf(act), ...consequences];
  const [[done], [situation], [more] = []] = await writeThenRead(db, writes, [
    doneAct(act),
    situationOf(act.leadId),
    ...extra,
  ]);
  if (situation === undefined) return { outcome: "not_found" };
  if (done === undefined)
    return { outcome: "not_done", situation, ...(more !== undefined && { extra: more }) };
  return isOtherRequest(act, done) ? { outcome: "key_reused" } : { outcome: "done", done };
}

/** Appends the commit of an act's event, and of the decisions that the act makes. */
export function commitOf(
  { at, leadId, eventId }: Act,
  decisions: readonly DecisionKey[] = [],
): Query {
  return appendCommit(at, decisions, [{ subjectType: "lead", subjectId: leadId, id: eventId }]);
}

/**
 * Does now what the sweep would do later, because its row is written: a failure costs time only, and is logged as
 * `event` with `detail`.
 */
export async function hasten(
  log: Deps["log"],
  event: string,
  detail: Readonly<Record<string, string | number>>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    log("warn", event, { ...detail, error: failureMessage(error) });
  }
}

type Closed =
  | {
      readonly outcome: "closed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly closedAt: number;
    }
  | Undone;

/**
 * Closes a lead's newest generation and frees the open slot of its claim. Rejects when the outcome is unknown; safe to
 * repeat: a lead closes once, and a slot is freed once per claim. With `repeatable` the repetition of a request that closed
 * the lead answers what the first did, also when the lead was opened again since.
 */
export async function closeLead(
  deps: ActDeps & Pick<Deps, "pod">,
  actor: string,
  leadId: string,
  { reason }: { readonly reason: string },
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Closed> {
  const now = deps.now();
  const act: Act = { ...repeatable, leadId, actor, reason, at: now };
  const attempt = await attemptAct(
    deps.db,
    act,
    [insertClosed(act)],
    [wantReleaseOfClosed(act, now)],
  );
  if (attempt.outcome === "not_done") {
    const refusal = findRefusal(attempt.situation, null, ["undecided", "intent", "closed"]);
    if (refusal === null) throw new Error("a lead was not closed though nothing refused it");
    return refusal;
  }
  if (attempt.outcome !== "done") return attempt;
  const { generation, occurredAt: closedAt } = attempt.done;
  await hasten(deps.log, "release_left_to_sweep", { leadId, generation }, () =>
    releaseClaims(deps, [{ leadId, generation }]),
  );
  return { outcome: "closed", leadId, generation, closedAt };
}

type Disputed =
  | {
      readonly outcome: "disputed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly disputedAt: number;
    }
  /** The newest decision is that nobody gets the lead, or that somebody else does. */
  | { readonly outcome: "not_theirs"; readonly situation: Situation }
  /** There is no rep of the id that should have had it. */
  | { readonly outcome: "no_such_rep" }
  /** The newest decision is disputed already. */
  | { readonly outcome: "disputed_before"; readonly situation: Situation }
  | Undone;

/**
 * Records that the owner of a lead's newest decision says it was not theirs: once per decision. It changes nothing else:
 * ops look at it and decide again, or close the lead. Rejects when the outcome is unknown; safe to repeat.
 */
export async function disputeLead(
  deps: ActDeps,
  actor: string,
  leadId: string,
  words: DisputeWords,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Disputed> {
  const act: Act = { ...repeatable, leadId, actor, reason: words.note, at: deps.now() };
  const attempt = await attemptAct(
    deps.db,
    act,
    [insertDisputed(act, words)],
    [],
    [disputability(leadId, words.shouldBe)],
  );
  if (attempt.outcome === "done") {
    const { generation, occurredAt: disputedAt } = attempt.done;
    return { outcome: "disputed", leadId, generation, disputedAt };
  }
  if (attempt.outcome !== "not_done") return attempt;
  const { situation, extra: ability } = attempt;
  const refusal = findRefusal(situation, null, ["erased", "undecided", "closed"]);
  if (refusal !== null) return refusal;
  if (situation.ownerId !== words.repId) return { outcome: "not_theirs", situation };
  if (ability?.known === 0) return { outcome: "no_such_rep" };
  if (ability?.disputed === 1) return { outcome: "disputed_before", situation };
  throw new Error("a decision was not disputed though nothing refused it");
}

type Erased =
  | { readonly outcome: "erased"; readonly leadId: string }
  | { readonly outcome: "not_found" }
  /** Decisions of the lead kept coming in between: ask again. */
  | { readonly outcome: "busy" };

/** Looks at the lead per call: another is needed only when a decision fell between the look and the write. */
const MAX_LOOKS = 3;

/**
 * Erases the person from a lead. What is undecided is first decided (`unassigned`), then the person's fields are
 * emptied; the row and its audit stay, and hold no personal data. Rejects when the outcome is unknown; safe to repeat.
 */
export async function eraseLead(
  deps: ActDeps & Pick<Deps, "chain">,
  actor: string,
  leadId: string,
): Promise<Erased> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [seen] = await rows(deps.db, situationOf(leadId));
    if (seen === undefined) return { outcome: "not_found" };
    if (seen.erased) return { outcome: "erased", leadId };

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
        commitOf(act, keys),
        routeBecomesNotify(keys, at + NOTIFY_GRACE_MS),
        wantReleases(keys, at),
        wantReleaseOfClosed(act, at),
      ],
      [doneAct(act)],
    );
    if (done !== undefined) return { outcome: "erased", leadId };
  }
  return { outcome: "busy" };
}
