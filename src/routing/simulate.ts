import { isFull, ownDayOf, type Proposal } from "../record/decisions.ts";
import type { Lead } from "../rules/lead.ts";
import type { TrailStep } from "../rules/trail.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage, PoisonError } from "../lib/failure.ts";
import type { ClaimRequest, FullRep, PodPort } from "../ports/pod.ts";
import type { Roster } from "../ports/roster.ts";
import { accountFromRow, accountOfDomain, rosterFromRow, rosterRows } from "../roster/index.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { rows, transaction } from "../lib/query.ts";
import { proposalOf } from "./commit.ts";
import { type Journey, startJourney } from "./facts.ts";
import { MAX_REFUSALS, withoutRep } from "./pass.ts";
import { type AskablePod, propose } from "./propose.ts";

type SimulateDeps = Pick<Deps, "db" | "chain" | "pod" | "now">;

export interface SimulationInput {
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
  /** When the pod in which the lead would wait gives up, in milliseconds since the epoch; null = no pod waits. */
  readonly until: number | null;
  readonly trail: readonly TrailStep[];
}

/** The lead came to a pod that does not answer. */
interface Unreachable {
  readonly outcome: "unreachable";
  readonly podId: string | null;
  readonly cause: unknown;
}

/**
 * Takes a lead through the rules as a routing pass would, with the same walk, draws and caps; writes nothing and moves
 * nothing. Leads that wait in a pod are drawn for first, as they would be.
 */
export async function simulate(
  deps: SimulateDeps,
  input: SimulationInput,
): Promise<Simulated | Unreachable> {
  try {
    return await routeOnly(deps, input);
  } catch (error) {
    if (!(error instanceof PoisonError)) throw error;
    // What decideUnroutable in consumer.ts would decide.
    const reason = `Could not be routed after 1 delivery: ${failureMessage(error)}.`;
    const nobody = { ownerId: null, podId: null, rule: null, until: null, trail: [] };
    return { outcome: "unassigned", reason, ...nobody };
  }
}

async function routeOnly(
  deps: SimulateDeps,
  input: SimulationInput,
): Promise<Simulated | Unreachable> {
  const { previewing, start, podFacts } = await begin(deps, input);
  let journey = start;
  const full: FullRep[] = [];
  for (let refusals = 0; refusals <= MAX_REFUSALS; refusals++) {
    // A copy: the pods keep what they were asked.
    const proposed = await propose(previewing, [journey], podFacts, [...full]);
    const [draft] = proposed.drafts;
    const [waiting] = proposed.waiting;
    if (waiting) {
      const reason = `It would wait in ${waiting.podId}: ${waiting.reason}.`;
      return notYet(deps, waiting.journey, reason, waiting.until);
    }
    if (!draft) {
      const [stuck] = proposed.stuck;
      const { at } = stuck?.journey ?? journey;
      return {
        outcome: "unreachable",
        podId: deps.chain.rules[at]?.pod?.id ?? null,
        cause: stuck?.cause,
      };
    }
    const proposal = proposalOf(draft.decision);
    const refused = await findRefused(deps, proposal);
    if (!refused) {
      const { outcome, ownerId, podId, rule, reason, trail } = proposal;
      return { outcome, ownerId, podId, rule, reason, until: null, trail };
    }
    journey = withoutRep(draft.journey, refused);
    full.push(refused);
  }
  const reason = `It would be tried again later: over ${MAX_REFUSALS} reps have reached their own cap of leads a day.`;
  return notYet(deps, journey, reason, null);
}

/** What a pass would gather, as of the instant, and pods that take nothing. */
async function begin(deps: SimulateDeps, { lead, generation, excluded, at }: SimulationInput) {
  const now = at ?? deps.now();
  const [[account], rosterOf, epoch] = await transaction(deps.db, [
    accountOfDomain(lead, now),
    rosterRows(
      deps.chain.pods.map(({ id }) => id),
      now,
    ),
    currentEpoch(),
  ]);
  const rosters = new Map(rosterOf.map((row) => [row.pod_id, rosterFromRow(row)]));
  const previews = new Map<string, AskablePod>();
  const pod = (podId: string): AskablePod => {
    const preview =
      previews.get(podId) ?? previewOf(deps.pod(podId), at, rosters.get(podId) ?? null);
    previews.set(podId, preview);
    return preview;
  };
  const versions = new Map([...rosters].map(([id, { version }]) => [id, version]));
  return {
    previewing: { ...deps, now: () => now, pod },
    start: startJourney(
      { leadId: lead.id, generation, attempts: 1 },
      lead,
      account ? accountFromRow(account, now) : null,
      { excluded },
    ),
    podFacts: { epoch: epochFromRows(epoch), versions },
  };
}

/**
 * A pod that answers claims and takes none. Each claim is previewed together with those asked before it, so that a second
 * draw for a lead sees what the first one left, as it would.
 * @param at when the claims are asked, in milliseconds since the epoch; null = now, by the pod's clock
 */
function previewOf(pod: PodPort, at: number | null, roster: Roster | null): AskablePod {
  const claims: ClaimRequest[] = [];
  return {
    async claim(request, epoch) {
      claims.push(request);
      const answer = (await pod.preview({ claims, at, roster }, epoch)).at(-1);
      if (answer === undefined) throw new Error("the pod left out a claim it was asked for");
      return answer;
    },
    accept: () => Promise.reject(new Error("a simulation moves nothing")),
  };
}

/** The owner, if the commit would refuse them because they are full for the day. */
async function findRefused(
  { db }: SimulateDeps,
  { ownerId, day }: Proposal,
): Promise<FullRep | null> {
  if (ownerId === null || day === null) return null;
  const [own] = await rows(db, ownDayOf(ownerId, day));
  return own && isFull(own) ? { repId: ownerId, day } : null;
}

function notYet(
  { chain }: SimulateDeps,
  { at, trail }: Journey,
  reason: string,
  until: number | null,
): Simulated {
  const { name: rule = null, pod } = chain.rules[at] ?? {};
  return { outcome: "waiting", ownerId: null, podId: pod?.id ?? null, rule, reason, until, trail };
}
