import type { Lead } from "../rules/lead.ts";
import type { MatchedAccount } from "../rules/rule.ts";
import type { TrailStep } from "../rules/trail.ts";
import type { Intent } from "../record/pending.ts";
import type { RouteRequest } from "../record/messages.ts";

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
