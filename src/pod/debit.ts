import type { PodSettings } from "../rules/pod.ts";
import type { Roster } from "../ports/roster.ts";
import { judge } from "./eligibility.ts";
import { creditAll } from "./ledger.ts";
import type { PodState } from "./state.ts";

/**
 * Enters a lead that a member got past the rotation, as if they had just been picked: everybody who could have taken it
 * gains their share, and the member pays it, eligible or not. Changes `state`; a rep who is no member any more pays nothing.
 */
export function enterDebit(
  repId: string,
  state: PodState,
  roster: Roster,
  settings: PodSettings,
  now: number,
): void {
  const payer = state.ledger[repId];
  if (!payer) return;
  const seats = roster.members.filter(
    (member) =>
      member.repId === repId || judge(member, state, settings, {}, now).eligibility === "eligible",
  );
  const { credits, price } = creditAll(seats);
  for (const [seat, credit] of credits) {
    const line = state.ledger[seat];
    if (line) line.balance += credit;
  }
  payer.balance -= price;
  payer.received += 1;
}
