import type { Situation } from "../../../record/lead-acts.ts";
import type { Refusal, RefusalReason } from "../../../routing/index.ts";
import { keyReused } from "../idempotency.ts";
import { Problem } from "../problem.ts";

// Why something cannot be done to a lead, in words.

/** The problem of an act that nobody did, for a reason that any act may have. */
export function refuseAct(
  result: { readonly outcome: "not_found" | "key_reused" } | Refusal,
): Problem {
  switch (result.outcome) {
    case "not_found":
      return noSuchLead();
    case "key_reused":
      return keyReused();
    case "refused":
      return new Problem("conflict", explainRefusal(result));
  }
}

export function noSuchLead(): Problem {
  return new Problem("not_found", "There is no lead with this id.");
}

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  erased: "The lead's personal data was erased: nobody can work on it any more.",
  undecided: "The lead is not decided yet.",
  intent: "A re-route of the lead is under way.",
  closed: "The lead is closed.",
  superseded: "The lead was decided again since you looked.",
};

/** Why an act was refused, and which decision stands. */
export function explainRefusal({ reason, situation }: Refusal): string {
  return situation.newest === 0 || reason === "undecided"
    ? REFUSALS[reason]
    : `${REFUSALS[reason]} ${explainStanding(situation)}`;
}

/** That a decision stands, and how to have another all the same. */
export function explainDecided(situation: Situation): string {
  return `${explainStanding(situation)} Once assigned means assigned: to route it again, send "force": true with a reason.`;
}

function explainStanding({ newest, outcome, ownerId }: Situation): string {
  const what = outcome === "assigned" ? `it is assigned to ${ownerId}` : "it is unassigned";
  return `Generation ${newest} stands: ${what}.`;
}
