import { standingDecisions } from "../record/decisions.ts";
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

/** A lead on its way through the rules, within one pass. Each step yields a new one. */
export interface Journey {
  readonly request: RouteRequest;
  readonly lead: Lead;
  readonly account: MatchedAccount | null;
  readonly decidedBy: string;
  /** Reps who must not get the lead, each with the reason in words. */
  readonly excluded: Readonly<Record<string, string>>;
  /** Reps whom the commit refused because they are full: for today only. */
  readonly refused: readonly string[];
  /** Index of the rule to try next. */
  readonly at: number;
  /** The rules passed so far. */
  readonly trail: readonly TrailStep[];
  /** Claims this pass took for the lead. Kept until a decision exists, then the losers are given back. */
  readonly claims: readonly { readonly podId: string; readonly seq: number }[];
}

/** The state of D1, as far as its pods must know to draw. */
export interface PodFacts {
  readonly epoch: number;
  /** Each pod's version; a pod that never had a member has none. */
  readonly versions: ReadonlyMap<string, number>;
}

/** What one D1 round trip answered about a batch of requests. */
interface PassFacts {
  /** Leads that wait for a decision. */
  readonly undecided: readonly Journey[];
  /** Decisions that exist but were not announced yet. */
  readonly unannounced: readonly DecisionKey[];
  readonly pods: PodFacts;
}

/** Reads everything a pass needs in one transaction. Rosters are not read: pods hold them. */
export async function gatherFacts(
  { db, chain, now, log }: Pick<Deps, "db" | "chain" | "now" | "log">,
  requests: readonly RouteRequest[],
): Promise<PassFacts> {
  const at = now();
  const ids = requests.map(({ leadId }) => leadId);
  const [existing, intents, leads, accounts, versions, epoch] = await transaction(db, [
    standingDecisions(requests),
    intentsOf(requests),
    leadsByIds(ids),
    accountsOfLeads(ids, at),
    podVersions(chain.pods.map(({ id }) => id)),
    currentEpoch(),
  ]);
  const leadOf = new Map(leads.map((row) => [row.id, leadFromRow(row)]));
  const accountOf = new Map(accounts.map((row) => [row.lead_id, accountFromRow(row, at)]));
  const intentOf = new Map(intents.map((row) => [keyOf(row), intentFromRow(row)]));
  const existingOf = new Map(existing.map((row) => [keyOf(row), row]));

  const undecided: Journey[] = [];
  const unannounced: DecisionKey[] = [];
  for (const request of requests) {
    const { leadId, generation } = request;
    const lead = leadOf.get(leadId);
    const state = existingOf.get(keyOf(request));
    if (state && state.outcome !== null) {
      if (!state.notified) unannounced.push({ leadId, generation });
    } else if (lead && state?.intended) {
      const account = accountOf.get(leadId) ?? null;
      undecided.push(startJourney(request, lead, account, intentOf.get(keyOf(request))));
    } else {
      // Nothing asks for this decision: the lead is gone, or the re-route was never intended.
      log("warn", "route_request_dropped", { leadId, generation });
    }
  }
  const versionOf = new Map(versions.map((row) => [row.pod_id, row.version]));
  return { undecided, unannounced, pods: { epoch: epochFromRows(epoch), versions: versionOf } };
}

/** A lead at the first rule. */
export function startJourney(
  request: RouteRequest,
  lead: Lead,
  account: MatchedAccount | null,
  intent: Intent = {},
): Journey {
  const { actor: decidedBy = ROUTER } = intent;
  const excluded = intent.excluded ?? {};
  return { request, lead, account, decidedBy, excluded, refused: [], at: 0, trail: [], claims: [] };
}
