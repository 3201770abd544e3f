import { isFull, ownDayOf, type Proposal } from "../record/decisions.ts";
import { ROUTER } from "../record/events.ts";
import type { Lead } from "../rules/lead.ts";
import type { TrailStep } from "../rules/trail.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage, PoisonError } from "../lib/failure.ts";
import type { ClaimRequest, FullRep, PodPort } from "../ports/pod.ts";
import { accountFromRow, accountOfDomain, rosterFromRow, rosterRows } from "../roster/index.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { rows, transaction } from "../lib/query.ts";
import { type Journey, MAX_REFUSALS, startJourney, turnAwayFrom } from "./facts.ts";
import { propose } from "./propose.ts";
import type { Roster } from "../ports/roster.ts";

export interface SimulationWish {
  /** Need not be stored. */
  readonly lead: Lead;
  readonly generation: number;
  /** Reps who must not get it, each with the reason in words. */
  readonly excluded: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; null = now. */
  readonly at: number | null;
}

/** What the router would decide. */
export interface Simulated {
  /** `waiting`: it would not decide yet. */
  readonly outcome: "assigned" | "unassigned" | "waiting";
  readonly ownerId: string | null;
  readonly podId: string | null;
  readonly rule: string | null;
  readonly reason: string;
  /** When the pod in whose line the lead would stand gives up, in milliseconds since the epoch; null = no pod waits. */
  readonly until: number | null;
  readonly trail: readonly TrailStep[];
}

/** The walk came to a pod that does not answer. */
export interface Unreachable {
  readonly outcome: "unreachable";
  readonly podId: string | null;
  readonly cause: unknown;
}

/**
 * Takes a lead down the chain as a routing pass would, by the very same walk, draws and caps; writes nothing and moves
 * nothing. Who stands in a pod's line is drawn for first, as they would be.
 */
export async function simulate(deps: Deps, wish: SimulationWish): Promise<Simulated | Unreachable> {
  try {
    return await walkDown(deps, wish);
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    // What decideUnroutable in poison.ts would decide.
    const reason = `Could not be routed after 1 delivery: ${failureMessage(error)}.`;
    const nobody = { ownerId: null, podId: null, rule: null, until: null, trail: [] };
    return { outcome: "unassigned", reason, ...nobody };
  }
}

async function walkDown(deps: Deps, wish: SimulationWish): Promise<Simulated | Unreachable> {
  const { previewing, journey, podFacts } = await begin(deps, wish);
  const full: FullRep[] = [];
  for (let refusals = 0; refusals <= MAX_REFUSALS; refusals++) {
    const { drafts, inLine, stuck } = await propose(previewing, [journey], podFacts, full);
    const [draft] = drafts;
    const [waiting] = inLine;
    if (waiting) {
      const reason = `It would wait in ${waiting.podId}: ${waiting.reason}.`;
      return notYet(deps, journey, reason, waiting.until);
    }
    if (!draft)
      return { outcome: "unreachable", podId: podAt(deps, journey), cause: stuck[0]?.cause };

    const refused = await findRefused(deps, draft.proposal);
    if (!refused) {
      const { outcome, ownerId, podId, rule, reason, trail } = draft.proposal;
      return { outcome, ownerId, podId, rule, reason, until: null, trail };
    }
    turnAwayFrom(journey, refused, full);
  }
  const reason = `It would be tried again later: over ${MAX_REFUSALS} reps have reached their own cap of leads a day.`;
  return notYet(deps, journey, reason, null);
}

/** What a pass would gather, as of the instant, and pods that take nothing. */
async function begin(deps: Deps, { lead, generation, excluded, at }: SimulationWish) {
  const now = at ?? deps.now();
  const podIds = deps.chain.pods.map(({ id }) => id);
  const [[account], rosterOf, epoch] = await transaction(deps.db, [
    accountOfDomain(lead, now),
    rosterRows(podIds, now),
    currentEpoch(),
  ]);
  const rosters = new Map(rosterOf.map((row) => [row.pod_id, rosterFromRow(row)]));
  const pods = new Map<string, PodPort>();
  const previewed = (podId: string): PodPort => {
    const pod = pods.get(podId) ?? previewOnly(deps.pod(podId), at, rosters.get(podId) ?? null);
    pods.set(podId, pod);
    return pod;
  };
  return {
    previewing: { ...deps, now: () => now, pod: previewed },
    journey: startJourney(
      { leadId: lead.id, generation, attempts: 1 },
      lead,
      account ? accountFromRow(account, now) : null,
      { excluded },
      ROUTER,
    ),
    podFacts: {
      epoch: epochFromRows(epoch),
      versions: new Map([...rosters].map(([id, { version }]) => [id, version])),
    },
  };
}

/** The owner, if the commit would refuse them because they are full for the day. */
async function findRefused(deps: Deps, { ownerId, day }: Proposal): Promise<FullRep | null> {
  if (ownerId === null || day === null) return null;
  const [own] = await rows(deps.db, ownDayOf(ownerId, day));
  return own && isFull(own) ? { repId: ownerId, day } : null;
}

function notYet(deps: Deps, journey: Journey, reason: string, until: number | null): Simulated {
  const rule = deps.chain.rules[journey.at]?.name ?? null;
  const podId = podAt(deps, journey);
  return { outcome: "waiting", ownerId: null, podId, rule, reason, until, trail: journey.trail };
}

/** The pod that the journey has come to. */
function podAt(deps: Deps, { at }: Journey): string | null {
  return deps.chain.rules[at]?.pod?.id ?? null;
}

/**
 * A pod that answers claims and takes none. Each claim is previewed together with those asked before it, so that a second
 * draw for a lead sees what the first one left, as it would.
 * @param at when the claims are asked, in milliseconds since the epoch; null = now, by the pod's clock
 */
export function previewOnly(pod: PodPort, at: number | null, roster: Roster | null): PodPort {
  const claims: ClaimRequest[] = [];
  return {
    async claim(request, epoch) {
      // A copy: the caller adds to its lists while it walks on.
      claims.push(structuredClone(request));
      const answer = (await pod.preview({ claims, at, roster }, epoch)).at(-1);
      if (answer === undefined) throw new Error("the pod left out a claim it was asked for");
      return answer;
    },
    preview: (request, epoch) => pod.preview(request, epoch),
    snapshot: () => pod.snapshot(),
    accept: refuse,
    catchUp: refuse,
    giveBack: refuse,
    release: refuse,
    debit: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error("a simulation moves nothing");
}
