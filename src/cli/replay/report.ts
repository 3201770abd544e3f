import { countWords, listWords } from "../../rules/explain.ts";
import {
  type Delta,
  type Difference,
  type Example,
  type Move,
  NOBODY,
  WAITING,
} from "./difference.ts";
import type { MissReason } from "./miss-reason.ts";
import type { TakenReason } from "./proof.ts";
import type { Outcome, RecordedStep } from "./record.ts";
import type { ReplayReport } from "./replay.ts";

// The report in sentences that a sales lead understands, and in rows of words: what text and Markdown have in common.

/** Moves that the summary names; the rest is in the table. */
const MOST_MOVES = 3;
/** Reps that the summary names on either side. */
const MOST_REPS = 2;

/** 9310 as "9,310". */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** "1 lead", "412 leads". */
export function leads(number: number): string {
  return countWords(number, "lead");
}

/** "4.4 %"; more than nothing is never shown as nothing. */
function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return part > 0 && percent < 0.1 ? "under 0.1 %" : `${percent.toFixed(1).replace(/\.0$/, "")} %`;
}

/** The difference in a paragraph. */
export function tellDifference(difference: Difference): string {
  const { decisions, elsewhere, otherRule, otherOwner } = difference;
  const { unassignedBefore, unassignedAfter } = difference;
  if (decisions === 0)
    return "There is nothing to compare: the rules routed no lead of the period.";
  if (elsewhere + otherRule + otherOwner === 0)
    return decisions === 1
      ? "Nothing changes: the one lead goes where it went, to the same rep by the same rule."
      : `Nothing changes: all ${leads(decisions)} go where they went, to the same rep by the same rule.`;
  return [
    elsewhere === 0
      ? `All ${leads(decisions)} would go to the pod they went to.`
      : `${count(elsewhere)} of ${leads(decisions)} (${share(elsewhere, decisions)}) would go elsewhere: ${tellMoves(difference.moves)}.`,
    otherRule > 0 && `${leads(otherRule)} would come to the same pod by another rule.`,
    tellReps(difference.reps),
    unassignedBefore !== unassignedAfter &&
      `${leads(unassignedAfter)} would find nobody, instead of ${count(unassignedBefore)}.`,
    otherOwner > 0 &&
      `Within their pods, ${leads(otherOwner)} would go to another rep, only because the rotation shifts.`,
  ]
    .filter((sentence) => typeof sentence === "string")
    .join(" ");
}

function tellMoves(moves: readonly Move[]): string {
  const told = moves.slice(0, MOST_MOVES).map(tellMove);
  const rest = moves.slice(MOST_MOVES).reduce((sum, move) => sum + move.leads, 0);
  return [...told, ...(rest === 0 ? [] : [`${count(rest)} more go other ways`])].join("; ");
}

function tellMove(move: Move): string {
  const { from, to } = move;
  const which = `${count(move.leads)}${tellTraits(move)}`;
  if (to === NOBODY) return `${which} from ${from} would find nobody`;
  if (to === WAITING) return `${which} from ${from} would still be waiting`;
  if (from === NOBODY) return `${which} that found nobody would come to ${to}`;
  if (from === WAITING) return `${which} that waited would come to ${to}`;
  return `${which} ${move.leads === 1 ? "moves" : "move"} from ${from} to ${to}`;
}

/** What the rules that took them look at, and these leads have in common: " that scored 70 to 79", " from DE and AT". */
function tellTraits({ kinds, traits }: Move): string {
  const { scores, unscored, countries, sources } = traits;
  if (kinds.includes("score") && (scores === null || unscored === 0)) {
    if (scores === null) return " without a score";
    const [lowest, highest] = scores;
    return ` that scored ${lowest === highest ? lowest : `${lowest} to ${highest}`}`;
  }
  if (kinds.includes("territory") && countries !== null) return ` from ${listWords(countries)}`;
  if (kinds.includes("rule") && sources !== null) return ` with the source ${listWords(sources)}`;
  return "";
}

/** "ana would have had 4 more, bo 2 fewer and cy 2 fewer." */
function tellReps(reps: readonly Delta[]): string | null {
  const changes = (sign: 1 | -1, word: string) =>
    reps
      .map(({ name, before, after }) => ({ name, by: (after - before) * sign }))
      .filter(({ by }) => by > 0)
      .toSorted((a, b) => b.by - a.by)
      .slice(0, MOST_REPS)
      .map(({ name, by }) => [name, `${count(by)} ${word}`]);
  const [first, ...others] = [...changes(1, "more"), ...changes(-1, "fewer")];
  if (first === undefined) return null;
  return `${listWords([first.join(" would have had "), ...others.map((rep) => rep.join(" "))])}.`;
}

/** What is known to be between this replay and what would have happened; only what matters here. */
export function tellLimits({ proof, difference, emptyPods, predicates }: ReplayReport): string[] {
  return [
    ...emptyPods.map(
      (podId) =>
        `The pod ${podId} has no members yet: leads that the new rules send there go on to the next rule.`,
    ),
    ...(predicates.length > 0
      ? [
          `The functions of ${listWords(predicates)} ran without the leads' email addresses, phone numbers and names: a record does not contain them.`,
        ]
      : []),
    ...(proof.taken.by_hand !== undefined && difference.elsewhere > 0
      ? [
          "Leads that somebody assigned manually are assumed to be assigned so again, whatever the new rules do.",
        ]
      : []),
  ];
}

const TAKEN: Readonly<Record<TakenReason, string>> = {
  by_hand: "assigned manually",
  no_rule_spoke: "erased, or given up before any rule was tried",
  chain_unknown: "decided by rules that were not found",
  lead_unknown: "of leads from before the record begins",
};

const MISSED: Readonly<Record<MissReason, string>> = {
  lead_erased: "the lead has been erased since, with all that it contained",
  configuration_under_way: "the roster or an account was being changed at that time",
  open_leads_unknown: "the record does not show how many leads were open then",
  own_cap_unknown: "the record does not show whether a rep had reached their own cap",
  claims_between: "a claim in between was given back, which the record does not show",
  clocks: "a rep's hours or day changed while the lead was being routed",
  ledger_unknown: "whose turn it was depends on leads from before the record",
  unexplained: "nothing explains it: please report these",
};

/** How well the replay reproduces what was recorded: one sentence a line. */
export function tellProof({ proof, drift, versions }: ReplayReport): string[] {
  const { decisions, reproduced, exact, unexplained } = proof;
  const taken = counted(proof.taken, TAKEN);
  const missed = counted(proof.missed, MISSED);
  const routed = decisions - taken.reduce((sum, [number]) => sum + number, 0);
  const candidates = "every candidate's count and balance";
  const detail =
    exact === reproduced ? `, and ${candidates}` : ` (${count(exact)} of them with ${candidates})`;
  return [
    ...(routed === 0
      ? []
      : [
          `${count(reproduced)} of ${count(routed)} decisions by rules come out as recorded: rule, pod and rep${detail}.`,
        ]),
    ...missed.map(([number, why]) => `${count(number)} cannot be reproduced: ${why}.`),
    ...unexplained.map(
      ({ leadId, generation }) => `unexplained: lead ${leadId}, generation ${generation}`,
    ),
    ...taken.map(
      ([number, what]) =>
        `${count(number)} ${number === 1 ? "was" : "were"} kept as recorded: ${what}.`,
    ),
    ...versions
      .filter(({ known }) => !known)
      .map(
        ({ version }) =>
          `The rules of version ${version} are in no commit of rules.ts: their decisions are kept as recorded, without proof.`,
      ),
    drift.owner + drift.elsewhere > 0
      ? `Run on their own, the old rules choose another rep for ${leads(drift.owner)} and another place for ${count(drift.elsewhere)}; "before" is what they choose, so that like is compared with like.`
      : `"Before" is what was recorded.`,
  ];
}

function counted<Key extends string>(
  counts: Readonly<Partial<Record<Key, number>>>,
  words: Readonly<Record<Key, string>>,
): [number, string][] {
  return Object.entries<number | undefined>(counts).flatMap(([key, number]) =>
    isKey(words, key) && number !== undefined ? [[number, words[key]]] : [],
  );
}

function isKey<Key extends string>(words: Readonly<Record<Key, string>>, key: string): key is Key {
  return key in words;
}

/** Rows of words, below a row of headings. */
export type Table = readonly (readonly string[])[];

/** The tables of moves, pods, reps and rules; all empty when nothing changes. */
export function listTables(
  difference: Difference,
): Readonly<Record<"moves" | "pods" | "reps" | "rules", Table>> {
  const { moves, pods, reps, rules, unassignedBefore: before, unassignedAfter: after } = difference;
  const { elsewhere, otherRule, otherOwner } = difference;
  if (elsewhere + otherRule + otherOwner === 0) return { moves: [], pods: [], reps: [], rules: [] };
  const rows = moves.map((move) => [move.from, count(move.leads), move.to]);
  return {
    moves: rows.length === 0 ? [] : [["from", "leads", "to"], ...rows],
    pods: deltaTable("pod", [...pods, { name: "nobody", before, after }]),
    reps: deltaTable("rep", reps),
    rules: deltaTable("rule", rules),
  };
}

function deltaTable(title: string, deltas: readonly Delta[]): Table {
  const rows = deltas.map(({ name, before, after }) => {
    const change = after - before;
    const sign = change > 0 ? "+" : "−";
    const shown = change === 0 ? "=" : sign + count(Math.abs(change));
    return [name, count(before), count(after), shown];
  });
  return rows.length === 0 ? [] : [[title, "before", "after", "change"], ...rows];
}

/** "enterprise → ana, by hot". */
export function tellOutcome(outcome: Outcome | null): string {
  if (outcome === null) return WAITING;
  const { podId, ownerId, rule } = outcome;
  if (ownerId === null) return NOBODY;
  return `${podId === null ? "" : `${podId} → `}${ownerId}, by ${rule}`;
}

/** The trails of both, a step a row: the same rule on one row as long as both chains have the same order. */
export function trailRows({ before, after }: Example): [before: string, after: string][] {
  const [one, two] = [before?.trail ?? [], after?.trail ?? []];
  return Array.from({ length: Math.max(one.length, two.length) }, (_, at) => [
    tellStep(one[at]),
    tellStep(two[at]),
  ]);
}

function tellStep(step: RecordedStep | undefined): string {
  if (step === undefined) return "";
  const { rule, outcome, reason, podId, picked, runnerUp } = step;
  if (outcome === "no_match") return `- ${rule}: ${reason}`;
  if (outcome === "no_eligible_rep") return `x ${rule}: ${reason}`;
  const next = runnerUp === undefined ? "" : ` (next: ${runnerUp})`;
  return `✓ ${rule}: ${reason}${podId === undefined ? "" : `; ${podId} → ${picked}${next}`}`;
}
