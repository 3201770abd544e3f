import type { Roster } from "../ports/roster.ts";
import type { Claim } from "./claim.ts";
import { countDay, countOpen, handOut, type LedgerLine, type PodState } from "./state.ts";

/** What D1 says of a held claim. Only the first three move it. */
export type Evidence = "names_this_claim" | "names_another" | "lead_gone" | "undecided";

/** Takes evidence to a claim. Changes `state`; returns the claim as it is now. A claim no longer held stays as it is. */
export function settle(claim: Claim, evidence: Evidence, state: PodState, roster: Roster): Claim {
  if (claim.state !== "held") return claim;
  switch (evidence) {
    case "names_this_claim":
      return { ...claim, state: "settled", credits: {}, draw: null };
    case "names_another":
    case "lead_gone":
      return giveBack(claim, state, roster);
    case "undecided":
      return claim;
  }
}

/** Undoes a claim: count, open slot and the ledger's entries, to the unit. */
function giveBack(claim: Claim, state: PodState, roster: Roster): Claim {
  state.standing -= 1;
  countDay(state, claim.repId, claim.day, -1);
  if (claim.open) countOpen(state, claim.repId, -1);

  // Everybody pays back what they gained. Who has left cannot, not even when they are back: their balance of then was
  // spread over the rest, so the rest bears it, or the sum would not be zero.
  let unpaid = 0;
  let price = 0;
  for (const [repId, credit] of Object.entries(claim.credits)) {
    price += credit;
    const line = lineOf(state, repId, claim);
    if (line) line.balance -= credit;
    else unpaid -= credit;
  }
  const line = lineOf(state, claim.repId, claim);
  if (line) {
    line.balance += price;
    line.received -= 1;
  } else {
    unpaid += price;
  }
  handOut(state, unpaid, roster);
  return { ...claim, state: "returned", open: false, credits: {}, draw: null };
}

/** The line that a claim moved; undefined when that member has left since. */
function lineOf(state: PodState, repId: string, claim: Claim): LedgerLine | undefined {
  const line = state.ledger[repId];
  return line && claim.seq > line.joinedAfter ? line : undefined;
}

/** Frees the open slot of a claim, once. Changes `state`; returns the claim as it is now. */
export function release(claim: Claim, state: PodState): Claim {
  if (!claim.open) return claim;
  countOpen(state, claim.repId, -1);
  return { ...claim, open: false };
}

/** True when nothing can happen to the claim any more: its row need not be kept. */
export function isFinished(claim: Claim): boolean {
  return claim.state !== "held" && !claim.open;
}
