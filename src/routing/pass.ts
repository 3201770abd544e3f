import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { RouteRequest } from "../record/messages.ts";
import type { Deps } from "../ports/deps.ts";
import type { FullRep } from "../ports/pod.ts";
import { failureMessage, RouterError } from "../lib/failure.ts";
import { storeSpills } from "../intake/index.ts";
import { commit, noteWaiting, proposalOf, type Verdict } from "./commit.ts";
import { gatherFacts, type Journey } from "./facts.ts";
import { propose } from "./propose.ts";

/** What a pass touches. */
export type PassDeps = Pick<
  Deps,
  "db" | "chain" | "notifications" | "pod" | "now" | "newId" | "log"
>;

/** Requests to be tried again, by key, each with its cause. Every other request is finished. */
export type Unfinished = ReadonlyMap<string, Retry>;

interface Retry {
  readonly request: RouteRequest;
  readonly cause: unknown;
}

/**
 * How often a commit may refuse a lead within one pass. Each refusal rules one rep out or reads an account's owner
 * again, so only a lead that meets more than this many full reps is tried again later.
 */
export const MAX_REFUSALS = 25;

/**
 * One batch of messages, one pass. Safe to run any number of times and by several consumers at once. Rejects
 * when the outcome of the whole is unknown: then all of it is tried again, and nothing was given back.
 */
export async function routingPass(
  deps: PassDeps,
  wanted: readonly RouteRequest[],
): Promise<Unfinished> {
  const startedAt = deps.now();
  const requests = await storeSpills(deps, wanted);
  const { undecided, unannounced, pods } = await gatherFacts(deps, requests);
  const decided = [...unannounced];
  const unfinished = new Map<string, Retry>();
  const full: FullRep[] = [];

  let walking = undecided;
  for (let refusals = 0; walking.length > 0; refusals++) {
    const { drafts, waiting, stuck } = await propose(deps, walking, pods, full);
    const decidedMeanwhile = await noteWaiting(deps, waiting);
    const verdicts = await commit(deps, drafts, pods.epoch);
    logRouted(deps, verdicts, startedAt);
    await giveBackLosers(deps, verdicts);

    decided.push(...decidedMeanwhile, ...only("decided", verdicts).map(({ existing }) => existing));
    full.push(...only("over_cap", verdicts).map(({ rep }) => rep));
    for (const { journey, cause } of stuck) setAside(unfinished, journey, cause);
    walking = await walkAgain(deps, verdicts);
    if (refusals < MAX_REFUSALS) continue;
    for (const journey of walking)
      setAside(unfinished, journey, new RouterError("refused too often"));
    break;
  }

  await announce(deps, decided);
  return unfinished;
}

/** The journeys that the commit refused: past the rep who is full, or with the account's owner read again. */
async function walkAgain(deps: PassDeps, verdicts: readonly Verdict[]): Promise<Journey[]> {
  const walking = only("over_cap", verdicts).map(({ draft: { journey }, rep }) =>
    withoutRep(journey, rep),
  );
  const stale = only("stale", verdicts).map(({ draft }) => draft.journey);
  if (stale.length === 0) return walking;
  const requests = stale.map(({ request }) => request);
  const beforeOf = new Map(stale.map((journey) => [keyOf(journey.request), journey]));
  const { undecided } = await gatherFacts(deps, requests);
  const fresh = undecided.map((journey): Journey => {
    const { excluded, refused, claims } = beforeOf.get(keyOf(journey.request)) ?? journey;
    return { ...journey, excluded: { ...journey.excluded, ...excluded }, refused, claims };
  });
  return [...walking, ...fresh];
}

/** The journey once the commit has refused a rep because they are full for their day. */
export function withoutRep(journey: Journey, { repId }: FullRep): Journey {
  return { ...journey, refused: [...journey.refused, repId] };
}

function only<Outcome extends Verdict["outcome"]>(
  outcome: Outcome,
  verdicts: readonly Verdict[],
): readonly Extract<Verdict, { outcome: Outcome }>[] {
  return verdicts.filter(
    (verdict): verdict is Extract<Verdict, { outcome: Outcome }> => verdict.outcome === outcome,
  );
}

function setAside(unfinished: Map<string, Retry>, { request }: Journey, cause: unknown): void {
  unfinished.set(keyOf(request), { request, cause });
}

/**
 * Gives back this pass's own claims where a decision exists that names another: positive evidence. What cannot
 * be given back now, the pod's alarm finds.
 */
async function giveBackLosers(
  { pod, log }: Pick<PassDeps, "pod" | "log">,
  verdicts: readonly Verdict[],
): Promise<void> {
  const losers = only("decided", verdicts).flatMap(({ draft, existing }) =>
    draft.journey.claims.filter(
      ({ podId, seq }) => podId !== existing.podId || seq !== existing.claimSeq,
    ),
  );
  await Promise.all(
    [...Map.groupBy(losers, ({ podId }) => podId)].map(async ([podId, claims]) => {
      try {
        await pod(podId).giveBack(claims.map(({ seq }) => seq));
      } catch (error) {
        log("warn", "give_back_left_to_alarm", {
          pod: podId,
          claims: claims.length,
          error: failureMessage(error),
        });
      }
    }),
  );
}

/** Hands decisions that were not announced yet to the notifications queue: one send per pass. */
export async function announce(
  { notifications }: Pick<Deps, "notifications">,
  decided: readonly DecisionKey[],
): Promise<void> {
  if (decided.length === 0) return;
  const decisions = decided.map(({ leadId, generation }) => ({ leadId, generation }));
  await notifications.send([{ decisions }]);
}

/**
 * Logs what this pass decided: a line a lead. A decision that another pass made first was logged there.
 * @param startedAt when the pass began, in milliseconds since the epoch
 */
function logRouted(
  { log, now }: Pick<PassDeps, "log" | "now">,
  verdicts: readonly Verdict[],
  startedAt: number,
): void {
  const ms = now() - startedAt;
  for (const { draft, existing } of only("decided", verdicts)) {
    const { outcome, rule, podId, claimSeq, ...decision } = proposalOf(draft.decision);
    if (existing.outcome !== outcome || existing.podId !== podId || existing.claimSeq !== claimSeq)
      continue;
    const { leadId, generation, attempts, decidedAt } = decision;
    const sinceReceivedMs = decidedAt - draft.journey.lead.receivedAt;
    const found = { outcome, rule, pod: podId, attempts, sinceReceivedMs, ms };
    log("info", "routed", { leadId, generation, ...found });
  }
}
