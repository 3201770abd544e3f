import type { DecisionKey } from "../../record/decision-key.ts";
import type { Lead } from "../../rules/lead.ts";
import type { RuleKind } from "../../rules/trail.ts";
import { Examples } from "./examples.ts";
import { LeadTraits, type Traits } from "./lead-traits.ts";
import { compareOutcomes, IN_LINE, NOBODY, placeOf, type Outcome } from "./outcome.ts";

/** Leads of one pod, one rep, or of nobody: as it was, and as it would be. */
export interface Delta {
  readonly name: string;
  readonly before: number;
  readonly after: number;
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
  /** At most a hundred, of every move some. */
  readonly examples: readonly Example[];
}

/** Counts how decisions differ. Keeps a hundred trails, whatever the number of decisions. */
export class DifferenceCount {
  #decisions = 0;
  readonly #changes = { none: 0, pod: 0, rule: 0, owner: 0 };
  readonly #moves = new Map<
    string,
    { from: string; to: string; leads: number; traits: LeadTraits; kinds: Set<RuleKind> }
  >();
  readonly #pods = new DeltaCount();
  readonly #reps = new DeltaCount();
  readonly #rules = new DeltaCount();
  readonly #examples = new Examples();

  /** @param leadOf is asked only for a lead that goes elsewhere */
  add(
    key: DecisionKey,
    before: Outcome | null,
    after: Outcome | null,
    leadOf: () => Lead | null,
  ): void {
    this.#decisions += 1;
    const [from, to] = [placeOf(before), placeOf(after)];
    this.#pods.add(from, to);
    this.#reps.add(before?.ownerId ?? null, after?.ownerId ?? null);
    this.#rules.add(before?.rule ?? null, after?.rule ?? null);
    const change = compareOutcomes(before, after);
    this.#changes[change] += 1;
    if (change === "none") return;
    const move = `${change} ${from} > ${to}`;
    this.#examples.add(move, change !== "owner", { ...key, before, after });
    if (change === "pod") this.#count(from, to, leadOf(), [before, after]);
  }

  result(): Difference {
    const pods = this.#pods.result();
    const nobody = pods.find(({ name }) => name === NOBODY);
    return {
      decisions: this.#decisions,
      elsewhere: this.#changes.pod,
      otherRule: this.#changes.rule,
      otherOwner: this.#changes.owner,
      unassignedBefore: nobody?.before ?? 0,
      unassignedAfter: nobody?.after ?? 0,
      moves: [...this.#moves.values()]
        .map(({ traits, kinds, ...move }) => ({
          ...move,
          traits: traits.result(),
          kinds: [...kinds],
        }))
        .toSorted((a, b) => b.leads - a.leads),
      pods: pods.filter(({ name }) => name !== NOBODY && name !== IN_LINE),
      reps: this.#reps.result(),
      rules: this.#rules.result(),
      examples: this.#examples.result(),
    };
  }

  #count(from: string, to: string, lead: Lead | null, outcomes: readonly (Outcome | null)[]): void {
    const key = `${from} > ${to}`;
    const move = this.#moves.get(key) ?? {
      from,
      to,
      leads: 0,
      traits: new LeadTraits(),
      kinds: new Set(),
    };
    move.leads += 1;
    if (lead) move.traits.add(lead);
    for (const outcome of outcomes) {
      const kind = outcome?.trail.findLast((step) => step.outcome === "matched")?.kind;
      if (kind !== undefined) move.kinds.add(kind);
    }
    this.#moves.set(key, move);
  }
}

class DeltaCount {
  readonly #counts = new Map<string, { before: number; after: number }>();

  add(before: string | null, after: string | null): void {
    if (before !== null) this.#of(before).before += 1;
    if (after !== null) this.#of(after).after += 1;
  }

  result(): Delta[] {
    return [...this.#counts]
      .map(([name, count]) => ({ name, ...count }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #of(name: string): { before: number; after: number } {
    const known = this.#counts.get(name) ?? { before: 0, after: 0 };
    this.#counts.set(name, known);
    return known;
  }
}
