/** What a running router says of itself: as much as bears on its rules. Ids and domains only. */
export interface LiveRouter {
  /** Null where the router is too old to say. */
  readonly chainVersion: string | null;
  readonly pods: readonly LivePod[];
  /** Reps by id, each with whether they are active. */
  readonly reps: ReadonlyMap<string, boolean>;
  readonly accounts: LiveAccounts;
  /** What became of each rule lately; null where the router cannot say. */
  readonly use: RuleUse | null;
  /** The secrets that its messages to Slack need; null where the router does not say. */
  readonly slack: readonly LiveSecret[] | null;
}

export interface LiveSecret {
  readonly name: string;
  /** What it is for, and what happens without it: a sentence. */
  readonly what: string;
  /** Pods whose channel it is. */
  readonly pods: readonly string[];
  /** Whether nobody hears of something without it. */
  readonly required: boolean;
  readonly isSet: boolean;
}

export interface LivePod {
  readonly id: string;
  /** Ids of the reps in it. */
  readonly members: readonly string[];
}

export interface LiveAccounts {
  readonly looked: readonly { readonly domain: string; readonly ownerId: string }[];
  /** Whether there are more than were looked at. */
  readonly more: boolean;
}

export interface RuleUse {
  /** Days looked back. */
  readonly days: number;
  /** Leads for which the chain was walked. */
  readonly routed: number;
  readonly rules: readonly {
    readonly rule: string;
    /** Leads that came as far as this rule. */
    readonly tried: number;
    /** Leads that met its conditions. */
    readonly matched: number;
    /** Whether it matched before and has stopped, more suddenly than by chance; `explanation` says so in words. */
    readonly stopped: boolean;
    readonly explanation: string | null;
  }[];
}
