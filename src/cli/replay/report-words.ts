import type { Delta, Difference, Move } from "./difference.ts";
import { IN_LINE, NOBODY } from "./outcome.ts";
import type { ReplayReport } from "./report.ts";

// The report in sentences that a sales lead understands.

/** Moves that the summary tells; the rest stands in the table. */
const MOVES_TOLD = 3;
/** Reps that the summary names on either side. */
const REPS_TOLD = 2;

/** 9310 as "9,310". */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** "1 lead", "412 leads". */
export function leads(number: number): string {
  return `${count(number)} ${number === 1 ? "lead" : "leads"}`;
}

/** "4.4 %"; what is not nothing is never told as nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "0 %";
  const percent = (100 * part) / whole;
  return part > 0 && percent < 0.1 ? "under 0.1 %" : `${percent.toFixed(1).replace(/\.0$/, "")} %`;
}

/** The difference in a paragraph. */
export function tellDifference(difference: Difference): string {
  const { decisions, elsewhere, otherRule, otherOwner } = difference;
  if (decisions === 0)
    return "There is nothing to compare: no lead of the period was routed by rules.";
  if (elsewhere + otherRule + otherOwner === 0)
    return `Nothing changes: ${decisions === 1 ? "the one lead goes" : `all ${leads(decisions)} go`} where ${decisions === 1 ? "it" : "they"} went, to the same rep by the same rule.`;
  return [
    elsewhere === 0
      ? `All ${leads(decisions)} would go to the pod they went to.`
      : `${count(elsewhere)} of ${leads(decisions)} (${share(elsewhere, decisions)}) would go elsewhere: ${tellMoves(difference.moves)}.`,
    otherRule > 0 && `${leads(otherRule)} would come to the same pod by another rule.`,
    tellReps(difference.reps),
    tellUnassigned(difference),
    otherOwner > 0 &&
      `Within their pods ${leads(otherOwner)} would fall to another rep, only because the rotation shifts.`,
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}

function tellMoves(moves: readonly Move[]): string {
  const told = moves.slice(0, MOVES_TOLD).map(tellMove);
  const rest = moves.slice(MOVES_TOLD).reduce((sum, move) => sum + move.leads, 0);
  return rest === 0 ? told.join("; ") : `${told.join("; ")}; ${count(rest)} more take other ways`;
}

function tellMove(move: Move): string {
  const { from, to } = move;
  const which = [count(move.leads), tellTraits(move)].filter((word) => word !== "").join(" ");
  const one = move.leads === 1;
  if (to === NOBODY) return `${which} from ${from} would find nobody`;
  if (to === IN_LINE) return `${which} from ${from} would wait in line still`;
  if (from === NOBODY || from === IN_LINE)
    return `${which} that ${from === NOBODY ? "found nobody" : "waited in line"} would come to ${to}`;
  return `${which} ${one ? "moves" : "move"} from ${from} to ${to}`;
}

/** What the rules that took them look at, and these leads have in common: "that scored 70 to 79", "from DE and AT". */
function tellTraits({ kinds, traits }: Move): string {
  const { scores, unscored, countries, sources } = traits;
  if (kinds.includes("score") && (scores === null || unscored === 0)) {
    if (scores === null) return "without a score";
    const [lowest, highest] = scores;
    return lowest === highest ? `that scored ${lowest}` : `that scored ${lowest} to ${highest}`;
  }
  if (kinds.includes("territory") && countries !== null) return `from ${list(countries)}`;
  if (kinds.includes("rule") && sources !== null) return `with the source ${list(sources)}`;
  return "";
}

function tellReps(reps: readonly Delta[]): string | null {
  const by = (sign: 1 | -1) =>
    reps
      .map(({ name, before, after }) => ({ name, by: (after - before) * sign }))
      .filter((rep) => rep.by > 0)
      .toSorted((a, b) => b.by - a.by)
      .slice(0, REPS_TOLD);
  const told = [
    ...by(1).map(({ name, by: more }) => [name, `${count(more)} more`] as const),
    ...by(-1).map(({ name, by: fewer }) => [name, `${count(fewer)} fewer`] as const),
  ];
  if (told.length === 0) return null;
  const words = told.map(
    ([name, change], at) => `${name} ${at === 0 ? "would have had " : ""}${change}`,
  );
  return `${list(words)}.`;
}

function tellUnassigned({
  unassignedBefore: before,
  unassignedAfter: after,
}: Difference): string | null {
  if (before === after) return null;
  return `${leads(after)} would find nobody, instead of ${count(before)}.`;
}

/** "a", "a and b", "a, b and c". */
function list(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** What is known to stand between this replay and what would have happened; only what matters here. */
export function tellLimits(report: ReplayReport): string[] {
  const { proof, difference, emptyPods, predicates } = report;
  return [
    ...emptyPods.map(
      (podId) => `Nobody is in the pod ${podId} yet: what the new rules send there, it passes on.`,
    ),
    ...(predicates.length > 0
      ? [
          `The predicates of ${list(predicates)} were asked without the leads' e-mail addresses, phone numbers and names: a record holds none.`,
        ]
      : []),
    ...(proof.taken.by_hand !== undefined && difference.elsewhere > 0
      ? [
          "Leads that somebody assigned by hand are taken to be assigned so again, whatever the new rules do.",
        ]
      : []),
  ];
}
