import { explainNobody } from "../rules/explain.ts";
import type { Pod } from "../rules/pod.ts";
import type { Roster } from "../ports/roster.ts";
import { judge } from "./eligibility.ts";
import { takeTurn } from "./ledger.ts";
import type { PodSnapshot } from "../ports/pod.ts";
import type { PodState } from "./state.ts";

/**
 * What a pod shows of itself. Pure.
 * @param now the pod's clock, in milliseconds since the epoch
 * @param held the number of claims that no decision has settled yet
 */
export function takeSnapshot(
  state: PodState,
  roster: Roster,
  { id, settings }: Pod,
  now: number,
  held: number,
): PodSnapshot {
  const members = roster.members.map((member) => ({
    ...judge(member, state, settings, {}, now),
    open: state.open[member.repId] ?? 0,
    openCap: member.openCap ?? settings.openCap ?? null,
    received: state.ledger[member.repId]?.received ?? 0,
  }));
  const seats = members
    .filter(({ eligibility }) => eligibility === "eligible")
    .map((member) => ({ ...member, lastSeq: state.ledger[member.repId]?.lastSeq ?? 0 }));
  const reason = explainNobody(id, { candidates: members });
  return {
    version: roster.version,
    at: now,
    next: takeTurn(seats)?.picked ?? null,
    members,
    waiting: state.waiting.map(({ leadId, generation, since, until }, place) => ({
      leadId,
      generation,
      place: place + 1,
      since,
      until,
      reason,
    })),
    standing: state.standing,
    held,
  };
}
