import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { RouterError } from "../lib/failure.ts";
import { storeSpills } from "../intake/index.ts";
import type { FullRep } from "../ports/pod.ts";
import { announce } from "./announce.ts";
import { commit, type Verdict } from "./commit.ts";
import { gatherFacts } from "./facts.ts";
import { giveBackLosers } from "./give-back.ts";
import type { Journey } from "./journey.ts";
import { logRouted } from "./log-routed.ts";
import { propose } from "./propose.ts";
import type { RouteRequest } from "../record/messages.ts";
import { MAX_REFUSALS, turnAwayFrom } from "./turn-away.ts";
import { noteWaiting } from "./wait.ts";

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
