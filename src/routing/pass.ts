import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage, RouterError } from "../lib/failure.ts";
import { storeSpills } from "../intake/index.ts";
import type { FullRep } from "../ports/pod.ts";
import { commit, noteWaiting, type Verdict } from "./commit.ts";
import { gatherFacts, type Journey, MAX_REFUSALS, turnAwayFrom } from "./facts.ts";
import { propose } from "./propose.ts";
import type { RouteRequest } from "../record/messages.ts";

/** Requests to be tried again, by key, each with its cause. Every other request is finished. */
export type Unfinished = Map<string, { readonly request: RouteRequest; readonly cause: unknown }>;

/**
 * One batch of messages, one pass. Safe to run any number of times and by several consumers at once. Rejects
 * when the outcome of the whole is unknown: then all of it is tried again, and nothing was given back.
 */
export async function routingPass(
  deps: Deps,
  wanted: readonly RouteRequest[],
): Promise<Unfinished> {
  const startedAt = deps.now();
  const requests = await storeSpills(deps, wanted);
  const { undecided, unannounced, pods } = await gatherFacts(deps, requests);
  const decided: DecisionKey[] = unannounced;
  const unfinished: Unfinished = new Map();
  const full: FullRep[] = [];

  let walking = undecided;
  for (let refusals = 0; walking.length > 0; refusals++) {
    const { drafts, inLine, stuck } = await propose(deps, walking, pods, full);
    decided.push(...(await noteWaiting(deps, inLine)));
    const verdicts = await commit(deps, drafts, pods.epoch);
    logRouted(deps, verdicts, startedAt);
    await giveBackLosers(deps, verdicts);

    for (const { draft, outcome } of verdicts)
      if (outcome === "decided") decided.push(draft.proposal);
    for (const { journey, cause } of stuck) setAside(unfinished, journey, cause);
    walking = await turnAway(deps, verdicts, full);
    if (refusals === MAX_REFUSALS)
      for (const journey of walking.splice(0))
        setAside(unfinished, journey, new RouterError("refused too often"));
  }

  await announce(deps, decided);
  return unfinished;
}

/** What the commit refused walks on: past the rep who is full, or with an owner read anew. */
async function turnAway(
  deps: Deps,
  verdicts: readonly Verdict[],
  full: FullRep[],
): Promise<Journey[]> {
  const walking: Journey[] = [];
  const stale = new Map<string, Journey>();
  for (const { outcome, draft } of verdicts) {
    const { ownerId, day } = draft.proposal;
    if (outcome === "over_cap" && ownerId !== null && day !== null) {
      turnAwayFrom(draft.journey, { repId: ownerId, day }, full);
      walking.push(draft.journey);
    }
    if (outcome === "stale") stale.set(keyOf(draft.journey.request), draft.journey);
  }
  if (stale.size === 0) return walking;
  const { undecided } = await gatherFacts(
    deps,
    [...stale.values()].map(({ request }) => request),
  );
  for (const fresh of undecided) {
    const before = stale.get(keyOf(fresh.request));
    fresh.claims.push(...(before?.claims ?? []));
    for (const [repId, reason] of before?.excluded ?? []) fresh.excluded.set(repId, reason);
    for (const repId of before?.refused ?? []) fresh.refused.add(repId);
  }
  return [...walking, ...undecided];
}

function setAside(unfinished: Unfinished, { request }: Journey, cause: unknown): void {
  unfinished.set(keyOf(request), { request, cause });
}

/**
 * Gives back this pass's own claims where a decision stands that names another: positive evidence. What cannot
 * be given back now, the pod's alarm finds.
 */
export async function giveBackLosers(deps: Deps, verdicts: readonly Verdict[]): Promise<void> {
  const losers = new Map<string, number[]>();
  for (const verdict of verdicts) {
    if (verdict.outcome !== "decided") continue;
    const { standing, draft } = verdict;
    for (const { podId, seq } of draft.journey.claims) {
      if (podId === standing.podId && seq === standing.claimSeq) continue;
      losers.set(podId, [...(losers.get(podId) ?? []), seq]);
    }
  }
  await Promise.all(
    [...losers].map(async ([podId, seqs]) => {
      try {
        await deps.pod(podId).giveBack(seqs);
      } catch (error) {
        deps.log("warn", "give_back_left_to_alarm", {
          pod: podId,
          claims: seqs.length,
          error: failureMessage(error),
        });
      }
    }),
  );
}

/** Hands decisions nobody was told of yet to the notifications queue: one send per pass. */
export async function announce(deps: Deps, decided: readonly DecisionKey[]): Promise<void> {
  if (decided.length === 0) return;
  const decisions = decided.map(({ leadId, generation }) => ({ leadId, generation }));
  await deps.notifications.send([{ decisions }]);
}

/**
 * Says what a pass decided: a line a lead. Of a decision that another pass took first that one has said it.
 * @param startedAt when the pass began, in milliseconds since the epoch
 */
export function logRouted(
  { log, now }: Pick<Deps, "log" | "now">,
  verdicts: readonly Verdict[],
  startedAt: number,
): void {
  const ms = now() - startedAt;
  for (const verdict of verdicts) {
    if (verdict.outcome !== "decided" || !isOwn(verdict)) continue;
    const { journey, proposal } = verdict.draft;
    const { leadId, generation, outcome, rule, podId, attempts, decidedAt } = proposal;
    const sinceReceivedMs = decidedAt - journey.lead.receivedAt;
    const found = { outcome, rule, pod: podId, attempts, sinceReceivedMs, ms };
    log("info", "routed", { leadId, generation, ...found });
  }
}

function isOwn({ draft: { proposal }, standing }: Verdict & { readonly outcome: "decided" }) {
  const { outcome, podId, claimSeq } = proposal;
  return standing.outcome === outcome && standing.podId === podId && standing.claimSeq === claimSeq;
}
