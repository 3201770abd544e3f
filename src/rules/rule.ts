import type { Lead } from "./lead.ts";
import type { Pod } from "./pod.ts";
import type { RuleKind } from "./trail.ts";

/** The account whose domain is the lead's company domain, at the time the lead is routed. */
export interface MatchedAccount {
  readonly domain: string;
  readonly name: string;
  readonly owner: AccountOwner | null;
  /** The owner's id as the account names it; `owner` is null when no rep has it. */
  readonly ownerId: string;
}

export interface AccountOwner {
  readonly repId: string;
  /** Rises with each change of the rep; the commit refuses a decision that saw an older one. */
  readonly rev: number;
  /** False when the rep is deactivated: such an owner is never assigned. */
  readonly active: boolean;
  /** The owner's local date, YYYY-MM-DD: the day their own cap counts by. */
  readonly day: string;
  /** Null when the owner is there; else why not, in words: "is away until 2026-12-01 09:00 Europe/Berlin". */
  readonly unavailable: string | null;
}

/** What the chain may know beside the lead. Gathered once per pass; the walk asks for nothing else. */
export interface Facts {
  readonly account: MatchedAccount | null;
  /** Reps who must not get this lead, each with the reason in words: "is at their own daily cap". */
  readonly excluded: ReadonlyMap<string, string>;
}

/** What one rule says of one lead. */
export type Verdict =
  | { readonly outcome: "no_match"; readonly reason: string }
  | {
      readonly outcome: "no_eligible_rep";
      readonly reason: string;
      /** The rep whose lead it would be, could they take it. */
      readonly ownerId?: string;
    }
  | { readonly outcome: "ask_pod"; readonly pod: Pod; readonly reason: string }
  | { readonly outcome: "owner"; readonly owner: AccountOwner; readonly reason: string };

/** One rule of the chain. Each kind is a function in a file of its own that makes one of these. */
export interface Rule {
  readonly name: string;
  readonly kind: RuleKind;
  /** The pod this rule sends to; null where the rule names a rep itself. */
  readonly pod: Pod | null;
  /** What the rule looks at, as plain data: it is printed, checked at load and hashed into chainVersion. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** True when no lead gets past the conditions: a rule after such a one could only help out. */
  readonly catchesAll: boolean;
  /** Pure: the same lead and facts, the same verdict. */
  evaluate(lead: Lead, facts: Facts): Verdict;
}

/** @throws {Error} when a rule has no name: its trail could not be read */
export function checkRuleName(kind: RuleKind, name: string): void {
  if (name.trim() === "") {
    throw new Error(`a rule of kind "${kind}" has no name: give it one that a rep understands`);
  }
}
