import type { Candidate, Eligibility, TrailStep } from "./trail.ts";

// What sales reps and their ops read: one sentence per decision, reps and pods by their ids.

type Asked = Pick<TrailStep, "candidates" | "others">;

const OBSTACLES: Readonly<Record<Exclude<Eligibility, "eligible">, string>> = {
  at_daily_cap: "at their daily cap",
  at_own_daily_cap: "at their own cap over all pods",
  at_open_cap: "at their cap of open leads",
  absent: "away",
  off_hours: "off hours",
  holiday: "on holiday",
  inactive: "deactivated",
  excluded: "excluded for this lead",
};

/**
 * Why the rep got the lead, from a trail that ends in a match:
 * "bo was next in dach (owed the most of 3 eligible): the rule DACH matched because the country is DE."
 */
export function explainAssigned(trail: readonly TrailStep[]): string {
  const step = trail.findLast(({ outcome }) => outcome === "matched");
  if (step === undefined) throw new Error("explainAssigned: no step of the trail matched");
  if (step.podId === undefined || step.picked === undefined) return `${step.reason}.`;
  return `${step.picked} was next in ${step.podId} (${explainTurn(step)}): the rule ${step.rule} matched because ${step.reason}.`;
}

/**
 * Why nobody got the lead: "No rule found a rep: DACH matched but nobody in dach was eligible (2 at their daily
 * cap, 1 away); the fallback matched too, but everyone has no members."
 */
export function explainUnassigned(trail: readonly TrailStep[]): string {
  const dead = trail.filter(({ outcome }) => outcome === "no_eligible_rep");
  if (dead.length === 0) return "No rule found a rep: none matched.";
  return `No rule found a rep: ${dead.map((step, at) => explainDeadEnd(step, at > 0)).join("; ")}.`;
}

function explainDeadEnd(step: TrailStep, again: boolean): string {
  if (step.podId === undefined) return step.reason;
  const name = step.kind === "fallback" ? "the fallback" : step.rule;
  return `${name} matched${again ? " too," : ""} but ${explainNobody(step.podId, step)}`;
}

/** "nobody in dach was eligible (2 at their daily cap, 1 away)", "dach has no members". */
export function explainNobody(podId: string, asked: Asked): string {
  const counts = countByEligibility(asked);
  const words = Object.entries(OBSTACLES).flatMap(([eligibility, obstacle]) => {
    const count = counts.get(eligibility);
    return count === undefined ? [] : [`${count} ${obstacle}`];
  });
  return words.length === 0
    ? `${podId} has no members`
    : `nobody in ${podId} was eligible (${words.join(", ")})`;
}

function explainTurn(step: TrailStep): string {
  const eligible = countByEligibility(step).get("eligible") ?? 0;
  if (eligible <= 1) return "the only one eligible";
  const picked = findCandidate(step, step.picked);
  const runnerUp = findCandidate(step, step.runnerUp);
  // Who is level in balance and weight was ahead by the ledger's tie-breaks, not by being owed more.
  return picked &&
    runnerUp &&
    picked.balance === runnerUp.balance &&
    picked.weight === runnerUp.weight
    ? `level with ${runnerUp.repId} and first in line, of ${eligible} eligible`
    : `owed the most of ${eligible} eligible`;
}

function findCandidate(
  { candidates = [] }: Asked,
  repId: string | undefined,
): Candidate | undefined {
  return candidates.find((candidate) => candidate.repId === repId);
}

function countByEligibility({ candidates = [], others = {} }: Asked): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(Object.entries(others));
  for (const { eligibility } of candidates)
    counts.set(eligibility, (counts.get(eligibility) ?? 0) + 1);
  return counts;
}

/** "DE", "DE and AT", "DE, AT and CH". */
export function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** `"hot" and "warm"`: names of rules, each in quotes. */
export function quoteNames(names: readonly string[]): string {
  return listWords(names.map((name) => `"${name}"`));
}

/** "1 account", "2 accounts", "1,204 accounts". */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
