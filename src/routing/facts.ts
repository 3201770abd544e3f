import { type Standing, standingDecisions } from "../record/decisions.ts";
import { ROUTER } from "../record/events.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { leadFromRow, leadsByIds } from "../record/leads.ts";
import { accountFromRow, accountsOfLeads, podVersions } from "../roster/index.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { transaction } from "../lib/query.ts";
import { type Intent, intentFromRow, intentsOf } from "../record/pending.ts";
import type { RouteRequest } from "../record/messages.ts";
import type { Lead } from "../rules/lead.ts";
import type { MatchedAccount } from "../rules/rule.ts";
import type { TrailStep } from "../rules/trail.ts";
import { OWN_CAP_REACHED } from "../pod/index.ts";
import type { FullRep } from "../ports/pod.ts";

/** How D1 stands, as far as its pods must know to draw. */
export interface PodFacts {
  readonly epoch: number;
  /** Each pod's version; a pod that never had a member has none. */
  readonly versions: ReadonlyMap<string, number>;
}

/** What one D1 round trip told of a batch of requests. */
export interface PassFacts {
  /** Leads that wait for a decision. */
  readonly undecided: Journey[];
  /** Decisions that stand but of which nobody was told yet. */
  readonly unannounced: DecisionKey[];
  readonly pods: PodFacts;
}

/** Reads everything a pass needs in one transaction. Rosters are not read: pods hold them. */
export async function gatherFacts(
  deps: Deps,
  requests: readonly RouteRequest[],
): Promise<PassFacts> {
  const now = deps.now();
  const ids = requests.map(({ leadId }) => leadId);
  const podIds = deps.chain.pods.map(({ id }) => id);
  const [standing, intents, leads, accounts, versions, epoch] = await transaction(deps.db, [
    standingDecisions(requests),
    intentsOf(requests),
    leadsByIds(ids),
    accountsOfLeads(ids, now),
    podVersions(podIds),
    currentEpoch(),
  ]);
  const leadOf = new Map(leads.map((row) => [row.id, leadFromRow(row)]));
  const accountOf = new Map(accounts.map((row) => [row.lead_id, accountFromRow(row, now)]));
  const intentOf = new Map(intents.map((row) => [keyOf(row), intentFromRow(row)]));
  const standingOf = new Map(standing.map((row) => [keyOf(row), row]));

  const undecided: Journey[] = [];
  const unannounced: DecisionKey[] = [];
  for (const request of requests) {
    const lead = leadOf.get(request.leadId);
    const state = standingOf.get(keyOf(request));
    if (state && isDecided(state)) {
      if (!state.notified)
        unannounced.push({ leadId: request.leadId, generation: request.generation });
    } else if (lead && state?.intended) {
      const intent = intentOf.get(keyOf(request)) ?? {};
      undecided.push(
        startJourney(
          request,
          lead,
          accountOf.get(request.leadId) ?? null,
          intent,
          intent.actor ?? ROUTER,
        ),
      );
    } else {
      // Nothing asks for this decision: the lead is gone, or the re-route was never intended.
      deps.log("warn", "route_request_dropped", {
        leadId: request.leadId,
        generation: request.generation,
      });
    }
  }
  return {
    undecided,
    unannounced,
    pods: {
      epoch: epochFromRows(epoch),
      versions: new Map(versions.map((row) => [row.pod_id, row.version])),
    },
  };
}

function isDecided(state: Standing): boolean {
  return state.outcome !== null;
}

/** A lead on its way down the chain, within one pass. */
export interface Journey {
  readonly request: RouteRequest;
  readonly lead: Lead;
  readonly account: MatchedAccount | null;
  readonly decidedBy: string;
  /** Reps who must not get the lead, each with the reason in words. Grows when the commit refuses one. */
  readonly excluded: Map<string, string>;
  /** Those of them whom the commit refused because they are full: for today only. */
  readonly refused: Set<string>;
  /** Index of the rule to try next. */
  at: number;
  /** The rules passed so far. */
  readonly trail: TrailStep[];
  /** Claims this pass took for the lead. Kept until a decision exists, then the losers are given back. */
  readonly claims: { readonly podId: string; readonly seq: number }[];
}

export function startJourney(
  request: RouteRequest,
  lead: Lead,
  account: MatchedAccount | null,
  intent: Intent,
  decidedBy: string,
): Journey {
  const excluded = new Map(Object.entries(intent.excluded ?? {}));
  return {
    request,
    lead,
    account,
    decidedBy,
    excluded,
    refused: new Set(),
    at: 0,
    trail: [],
    claims: [],
  };
}

/**
 * How often a commit may refuse a lead within one pass. Each refusal rules one rep out or reads an owner
 * anew, so only a lead that meets more than this many full reps goes again later.
 */
export const MAX_REFUSALS = 25;

/** Rules out a rep whom the commit refused because they are full for their day, and notes it for the pods. */
export function turnAwayFrom(journey: Journey, rep: FullRep, full: FullRep[]): void {
  journey.excluded.set(rep.repId, OWN_CAP_REACHED);
  journey.refused.add(rep.repId);
  full.push(rep);
}
