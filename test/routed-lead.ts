import type { Chain } from "../src/rules/chain.ts";
import type { Lead } from "../src/rules/lead.ts";
import type { Facts } from "../src/rules/rule.ts";
import { walk } from "../src/rules/walk.ts";

/** What is true while the lead is routed, beside the lead. Left out: it belongs to no account, and every pod has somebody. */
export interface Circumstances {
  /** The account of the lead's company domain. */
  readonly account?: {
    /** Id of the rep. */
    readonly owner: string;
    readonly away?: boolean;
    readonly deactivated?: boolean;
  };
  /** Ids of pods in which nobody can take a lead just now. */
  readonly nobodyIn?: readonly string[];
}

/** Where a lead went, and how it came there. */
export interface RoutedLead {
  readonly chain: Chain;
  /** The rule that found somebody, and the pod or the rep it found; all null when none did. */
  readonly by: string | null;
  readonly podId: string | null;
  readonly ownerId: string | null;
  /** Every rule in order, with what became of the lead there. */
  readonly trail: readonly {
    readonly rule: string;
    readonly outcome: string;
    readonly reason: string;
  }[];
}

const NOTHING_KNOWN: Lead = {
  id: "01990000-0000-7000-8000-000000000000",
  receivedAt: Date.UTC(2026, 0, 1),
  email: null,
  phone: null,
  name: null,
  company: null,
  companyDomain: null,
  countryCode: null,
  region: null,
  source: null,
  score: null,
  fields: {},
};

/** Routes leads of which nothing is known but what a test says: `const lead = leadsThrough(chain)`. */
export function leadsThrough(chain: Chain) {
  return (about: Partial<Lead>, circumstances: Circumstances = {}): RoutedLead =>
    route(chain, { ...NOTHING_KNOWN, ...about }, circumstances);
}

function route(chain: Chain, lead: Lead, circumstances: Circumstances): RoutedLead {
  const { nobodyIn = [] } = circumstances;
  const stranger = nobodyIn.find((id) => !chain.pods.some((pod) => pod.id === id));
  if (stranger !== undefined) throw new Error(`nobodyIn: the chain has no pod "${stranger}"`);
  const facts = factsOf(lead, circumstances);
  const trail: RoutedLead["trail"][number][] = [];
  for (let from = 0; ;) {
    const reached = walk(chain, lead, facts, from);
    trail.push(...reached.steps.map(({ rule, reason }) => ({ rule, outcome: "no", reason })));
    if (reached.stop === "exhausted") return { chain, by: null, podId: null, ownerId: null, trail };
    const { rule, reason, at } = reached;
    if (reached.stop === "ask_pod" && nobodyIn.includes(reached.pod.id)) {
      const nobody = `${reason}, but nobody in ${reached.pod.id} can take it`;
      trail.push({ rule: rule.name, outcome: "no", reason: nobody });
      from = at + 1;
      continue;
    }
    const podId = reached.stop === "ask_pod" ? reached.pod.id : null;
    const ownerId = reached.stop === "owner" ? reached.owner.repId : null;
    const below = chain.rules.slice(at + 1);
    trail.push(
      { rule: rule.name, outcome: `→ ${podId ?? ownerId}`, reason },
      ...below.map(({ name }) => ({ rule: name, outcome: "", reason: "not reached" })),
    );
    return { chain, by: rule.name, podId, ownerId, trail };
  }
}

function factsOf({ companyDomain }: Lead, { account }: Circumstances): Facts {
  const excluded = new Map<string, string>();
  if (account === undefined) return { account: null, excluded };
  if (companyDomain === null) throw new Error("a lead has an account by its companyDomain");
  const { owner: repId, away = false, deactivated = false } = account;
  const unavailable = deactivated ? "is deactivated" : away ? "is away" : null;
  const owner = { repId, rev: 1, active: !deactivated, day: "2026-01-01", unavailable };
  return {
    account: { domain: companyDomain, name: companyDomain, ownerId: repId, owner },
    excluded,
  };
}
