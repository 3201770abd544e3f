import { explainAssigned } from "../../src/rules/explain.ts";
import type { Chain } from "../../src/rules/chain.ts";
import type { Lead } from "../../src/rules/lead.ts";
import type { Facts } from "../../src/rules/rule.ts";
import { type TrailStep } from "../../src/rules/trail.ts";
import { matchedByPod, walk } from "../../src/rules/walk.ts";
import type { Bench, Figure } from "../bench.ts";
import { alternate, quantile } from "../rounds.ts";
import { describeRules, makeChain } from "./chain-rules.ts";
import { makeLeads } from "./chain-leads.ts";
import { factsOf, loadEngine, makeEngine } from "./json-rules-engine.ts";

const SIZES = [20, 200];
const LEADS = 1_000;
const ROUNDS = 7;
/** Of these leads a round takes so many; the router takes them so many times over: each has about a quarter of a second to do. */
const TIMED_LEADS = 250;
const TIMES_OVER = 40;
const TARGET = 20;

const NOTHING_KNOWN: Facts = { account: null, excluded: new Map() };
const DRAW = {
  candidates: [
    {
      repId: "bo",
      eligibility: "eligible",
      reason: "has 2 leads today",
      until: null,
      count: 2,
      cap: null,
      weight: 1,
      balance: 0,
    },
    {
      repId: "ana",
      eligibility: "eligible",
      reason: "has 3 leads today",
      until: null,
      count: 3,
      cap: null,
      weight: 1,
      balance: 0,
    },
  ],
  runnerUp: "ana",
} as const;

/** Decisions a second with the full trail, against json-rules-engine on the same rules and leads. */
export const chainBench: Bench = {
  name: "chain",
  async run(progress) {
    const engine = await loadEngine();
    const leads = makeLeads(LEADS);
    const figures: Figure[] = [];
    const rows: (string | number)[][] = [];
    for (const size of SIZES) {
      const specs = describeRules(size);
      const chain = makeChain(specs);
      const decideByEngine = makeEngine(engine, specs);
      const facts = leads.map((lead) => factsOf(lead, FIELDS));
      progress(`${size} rules: ${LEADS} leads through both, results compared`);
      const tried = await compare(chain, leads, facts, decideByEngine);
      progress(`${size} rules: ${ROUNDS} rounds`);
      const timed = leads.slice(0, TIMED_LEADS);
      const timedFacts = facts.slice(0, TIMED_LEADS);
      const { subject, reference } = await alternate(
        ROUNDS,
        async () =>
          perSecond(TIMED_LEADS * TIMES_OVER, () => {
            for (let turn = 0; turn < TIMES_OVER; turn++)
              for (const lead of timed) decide(chain, lead);
          }),
        async () =>
          perSecond(TIMED_LEADS, async () => {
            for (const each of timedFacts) await decideByEngine(each);
          }),
      );
      figures.push({
        name: `decisions with their trail, ${size} rules`,
        unit: "decisions/s",
        value: subject.value,
        spread: subject.spread,
        reference: { name: "json-rules-engine", value: reference.value },
        target: { of: "ratio", at: "least", limit: TARGET },
      });
      rows.push([
        size,
        mean(tried).toFixed(1),
        quantile(tried, 0.5),
        quantile(tried, 0.95),
        (1e6 / subject.value).toFixed(1),
        (1e6 / reference.value).toFixed(0),
      ]);
    }
    return {
      title: "The chain",
      intro: `${LEADS} leads through chains of ${SIZES.join(" and ")} rules of realistic kinds (territories by country lists, industries and regions, company sizes, domains, sources, score bands, missing values). A decision is the whole walk: every rule that was tried with every condition that missed, the step of the rule that won, and the sentence for the rep. The reference is json-rules-engine with the same rules as descending priorities, stopped at the first success; its facts are laid out ahead and are not timed. The rule that wins was compared for every lead, and how many rules explained their miss: both engines agree on all.`,
      figures,
      tables: [
        {
          title: "How far leads walk, and what a decision takes",
          columns: ["rules", "tried, mean", "p50", "p95", "router, µs", "json-rules-engine, µs"],
          rows,
        },
      ],
      limits: [
        "Plain Node, one core, pure computation: no storage, no pod. json-rules-engine awaits every rule and every fact, which is most of its time; in return its facts may be loaded while it decides, which the router does not do in a chain: what rules may know is read ahead, once for a batch.",
        "In production the chain is bounded by a Worker's CPU time (30 s an invocation by default on the paid plan): a batch of 100 leads takes it the time of a decision above, a hundred times. It is never what limits leads/s: D1's statements do.",
      ],
    };
  },
};

const FIELDS: ReadonlySet<string> = new Set(["company_size", "industry"]);

function decide(
  chain: Chain,
  lead: Lead,
): { rule: string; trail: readonly TrailStep[]; reason: string } {
  const reached = walk(chain, lead, NOTHING_KNOWN, 0);
  if (reached.stop !== "ask_pod") throw new Error(`the walk ended ${reached.stop}`);
  const trail = [...reached.steps, matchedByPod(reached, DRAW, "bo")];
  return { rule: reached.rule.name, trail, reason: explainAssigned(trail) };
}

/** Takes every lead through both. Yields how many rules were tried for each, sorted. */
async function compare(
  chain: Chain,
  leads: readonly Lead[],
  facts: readonly ReturnType<typeof factsOf>[],
  decideByEngine: ReturnType<typeof makeEngine>,
): Promise<readonly number[]> {
  const tried: number[] = [];
  for (const [n, lead] of leads.entries()) {
    const { rule, trail } = decide(chain, lead);
    const other = await decideByEngine(facts[n] ?? {});
    if (other.rule !== rule || other.explained !== trail.length - 1)
      throw new Error(
        `lead ${n}: the router says "${rule}" at step ${trail.length}, json-rules-engine "${other.rule}" after ${other.explained}`,
      );
    tried.push(trail.length);
  }
  return tried.toSorted((a, b) => a - b);
}

async function perSecond(count: number, work: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (count * 1000) / (performance.now() - start);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
