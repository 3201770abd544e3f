import type { DecisionKey } from "../../record/decision-key.ts";
import type { Lead } from "../../rules/lead.ts";
import type { RuleKind } from "../../rules/trail.ts";
import type { Outcome } from "./record.ts";

/**
 * How two outcomes of one decision differ, the gravest first: `pod` = the lead goes somewhere else altogether (another
 * pod, the owner of an account, nobody); `rule` = another rule brings it to the same pod; `owner` = the same rule and pod, but
 * the rotation has shifted.
 */
export type Change = "pod" | "rule" | "owner" | "none";

/** Null = the lead is still waiting. */
export function compareOutcomes(before: Outcome | null, after: Outcome | null): Change {
  if (placeOf(before) !== placeOf(after)) return "pod";
  if (before?.rule !== after?.rule) return "rule";
  if (before?.ownerId === after?.ownerId) return "none";
  // An account's owner is not one of a rotation.
  return before?.podId == null ? "pod" : "owner";
}

// Places other than pods. No pod's id holds a space.
export const NOBODY = "nobody at all";
const ACCOUNT_OWNER = "the account's owner";
export const WAITING = "still waiting";

/** Where the lead goes, whoever gets it there: a pod's id, or one of the above. */
function placeOf(outcome: Outcome | null): string {
  if (outcome === null) return WAITING;
  const { podId, ownerId } = outcome;
  return podId ?? (ownerId === null ? NOBODY : ACCOUNT_OWNER);
}

/** Leads of one pod, one rep, or of nobody: as it was, and as it would be. */
export interface Delta {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** What leads have in common. Null = too various to say. */
interface Traits {
  /** Lowest and highest score; null when none has one. */
  readonly scores: readonly [lowest: number, highest: number] | null;
  /** Leads without a score. */
  readonly unscored: number;
  readonly countries: readonly string[] | null;
  readonly sources: readonly string[] | null;
}

/** Leads that go from one place to another: a pod, an account's owner, nobody. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly leads: number;
  /** What these leads have in common. */
  readonly traits: Traits;
  /** Kinds of the rules that took them, before and after. */
  readonly kinds: readonly RuleKind[];
}

/** A decision that changes, with both its trails. */
export interface Example extends DecisionKey {
  readonly before: Outcome | null;
  readonly after: Outcome | null;
}

export interface Difference {
  /** Decisions compared. */
  readonly decisions: number;
  /** Go to another pod, to or from an account's owner, to or from nobody. */
  readonly elsewhere: number;
  /** Come to the same pod by another rule. */
  readonly otherRule: number;
  /** The same rule and pod, another of its members: the rotation has shifted. */
  readonly otherOwner: number;
  readonly unassignedBefore: number;
  readonly unassignedAfter: number;
  /** The largest first. */
  readonly moves: readonly Move[];
  /** By name. */
  readonly pods: readonly Delta[];
  readonly reps: readonly Delta[];
  readonly rules: readonly Delta[];
  /** At most a hundred, some of every move. */
  readonly examples: readonly Example[];
}

/** Counts how decisions differ. Keeps a hundred trails, whatever the number of decisions. */
export class DifferenceCount {
  readonly #changes = { none: 0, pod: 0, rule: 0, owner: 0 };
  readonly #moves = new Map<string, MoveCount>();
  readonly #pods = new DeltaCount();
  readonly #reps = new DeltaCount();
  readonly #rules = new DeltaCount();
  readonly #examples = new Examples();

  /** @param leadOf is only asked for a lead that goes elsewhere */
  add(
    key: DecisionKey,
    before: Outcome | null,
    after: Outcome | null,
    leadOf: () => Lead | null,
  ): void {
    const [from, to] = [placeOf(before), placeOf(after)];
    this.#pods.add(from, to);
    this.#reps.add(before?.ownerId, after?.ownerId);
    this.#rules.add(before?.rule, after?.rule);
    const change = compareOutcomes(before, after);
    this.#changes[change] += 1;
    if (change === "none") return;
    this.#examples.add(`${change} ${from} > ${to}`, change !== "owner", { ...key, before, after });
    if (change !== "pod") return;
    const move = this.#moves.get(`${from} > ${to}`) ?? new MoveCount(from, to);
    this.#moves.set(`${from} > ${to}`, move);
    move.add(leadOf(), [before, after]);
  }

  result(): Difference {
    const pods = this.#pods.result();
    const nobody = pods.find(({ name }) => name === NOBODY);
    const { none, pod, rule, owner } = this.#changes;
    return {
      decisions: none + pod + rule + owner,
      elsewhere: pod,
      otherRule: rule,
      otherOwner: owner,
      unassignedBefore: nobody?.before ?? 0,
      unassignedAfter: nobody?.after ?? 0,
      moves: [...this.#moves.values()]
        .map((move) => move.result())
        .toSorted((a, b) => b.leads - a.leads),
      pods: pods.filter(({ name }) => name !== NOBODY && name !== WAITING),
      reps: this.#reps.result(),
      rules: this.#rules.result(),
      examples: this.#examples.result(),
    };
  }
}

class DeltaCount {
  readonly #counts = new Map<string, { before: number; after: number }>();

  add(before: string | null | undefined, after: string | null | undefined): void {
    if (before != null) this.#of(before).before += 1;
    if (after != null) this.#of(after).after += 1;
  }

  result(): Delta[] {
    return [...this.#counts]
      .map(([name, count]) => ({ name, ...count }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #of(name: string): { before: number; after: number } {
    const count = this.#counts.get(name) ?? { before: 0, after: 0 };
    this.#counts.set(name, count);
    return count;
  }
}

/** Values a trait lists at most: more do not help in a sentence. */
const MOST_VALUES = 4;

/** Counts the leads of a move, and gathers what they have in common. */
class MoveCount {
  readonly #from: string;
  readonly #to: string;
  #leads = 0;
  #lowest = Infinity;
  #highest = -Infinity;
  #unscored = 0;
  readonly #countries = new Set<string | null>();
  readonly #sources = new Set<string | null>();
  readonly #kinds = new Set<RuleKind>();

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  add(lead: Lead | null, outcomes: readonly (Outcome | null)[]): void {
    this.#leads += 1;
    for (const outcome of outcomes) {
      const kind = outcome?.trail.findLast((step) => step.outcome === "matched")?.kind;
      if (kind !== undefined) this.#kinds.add(kind);
    }
    if (lead === null) return;
    const { score, countryCode, source } = lead;
    if (score === null) this.#unscored += 1;
    this.#lowest = Math.min(this.#lowest, score ?? Infinity);
    this.#highest = Math.max(this.#highest, score ?? -Infinity);
    addFew(this.#countries, countryCode);
    addFew(this.#sources, source);
  }

  result(): Move {
    return {
      from: this.#from,
      to: this.#to,
      leads: this.#leads,
      traits: {
        scores: this.#lowest > this.#highest ? null : [this.#lowest, this.#highest],
        unscored: this.#unscored,
        countries: listFew(this.#countries),
        sources: listFew(this.#sources),
      },
      kinds: [...this.#kinds],
    };
  }
}

function addFew(values: Set<string | null>, value: string | null): void {
  if (values.size <= MOST_VALUES) values.add(value);
}

/** The values, sorted; null if there are too many, or a lead without one. */
function listFew(values: ReadonlySet<string | null>): readonly string[] | null {
  const known = [...values].filter((value) => value !== null);
  return known.length < values.size || known.length > MOST_VALUES ? null : known.toSorted();
}

/** Examples kept: as many as somebody may read. */
const MOST_EXAMPLES = 100;
/** Of shifts within a rotation a few are enough: nothing but balances differs in their trails. */
const MOST_SHIFTS = 10;

/** Keeps a hundred examples: some of every kind, and of a kind the first. */
class Examples {
  readonly #kinds = new Map<string, Example[]>();
  #size = 0;

  add(kind: string, isRouted: boolean, example: Example): void {
    const known = this.#kinds.get(kind) ?? [];
    if (!isRouted && known.length >= MOST_SHIFTS) return;
    if (this.#size === MOST_EXAMPLES) {
      const [largest] = [...this.#kinds.values()].toSorted((a, b) => b.length - a.length);
      if (largest === undefined || largest.length <= known.length + 1) return;
      largest.pop();
      this.#size -= 1;
    }
    known.push(example);
    this.#kinds.set(kind, known);
    this.#size += 1;
  }

  result(): Example[] {
    return [...this.#kinds.values()].flat();
  }
}
