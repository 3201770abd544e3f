import type { Conditions, Test } from "../../src/rules/conditions.ts";
import type { Lead } from "../../src/rules/lead.ts";
import { FALLBACK, type RuleSpec } from "./chain-rules.ts";

/** What the bench uses of the package, declared here: its types need not be installed for ours to check. */
interface Engine {
  addRule(rule: EngineRule): unknown;
  on(event: "success", handler: () => void): unknown;
  run(facts: Facts): Promise<{
    readonly events: readonly { readonly type: string }[];
    readonly failureResults: readonly unknown[];
  }>;
  stop(): unknown;
}
interface EngineRule {
  readonly name: string;
  readonly priority: number;
  readonly conditions: { readonly all: readonly EngineCondition[] };
  readonly event: { readonly type: string };
}
type EngineCondition =
  | { readonly fact: string; readonly operator: string; readonly value: unknown }
  | { readonly any: readonly EngineCondition[] }
  | { readonly all: readonly EngineCondition[] };
type Facts = Readonly<Record<string, unknown>>;

interface Package {
  readonly Engine: new () => Engine;
}

/** A decision of the other engine: the rule that won, and how many of those before it explained their miss. */
export interface EngineDecision {
  readonly rule: string;
  readonly explained: number;
}

/** Loads json-rules-engine from bench/node_modules. Rejects with what to do when it is not there. */
export async function loadEngine(): Promise<Package> {
  const name = "json-rules-engine";
  const loaded: unknown = await import(name).catch(() => {
    throw new Error(`${name} is not installed: npm --prefix bench ci`);
  });
  if (!isPackage(loaded)) throw new Error(`${name} exports no Engine`);
  return loaded;
}

function isPackage(loaded: unknown): loaded is Package {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    "Engine" in loaded &&
    typeof loaded.Engine === "function"
  );
}

/**
 * The rules as its documentation writes a first match: descending priorities, and a stop at the first success. Every rule before
 * it leaves a result that names each condition with the fact it saw: its trail.
 */
export function makeEngine({ Engine }: Package, specs: readonly RuleSpec[]) {
  const engine = new Engine();
  for (const [n, spec] of specs.entries()) {
    const conditions = spec.kind === "score" ? { score: spec.band } : spec.conditions;
    engine.addRule({
      name: spec.name,
      priority: specs.length + 1 - n,
      conditions: { all: translate(conditions) },
      event: { type: spec.name },
    });
  }
  engine.addRule({
    name: FALLBACK,
    priority: 1,
    conditions: { all: [] },
    event: { type: FALLBACK },
  });
  engine.on("success", () => void engine.stop());
  return async (facts: Facts): Promise<EngineDecision> => {
    const { events, failureResults } = await engine.run(facts);
    return { rule: events[0]?.type ?? "none", explained: failureResults.length };
  };
}

/** The facts of a lead, fields beside the rest: made ahead, so that its time is the rules' alone. */
export function factsOf({ fields, ...lead }: Lead, named: ReadonlySet<string>): Facts {
  const ofFields = [...named].map((name) => [fieldFact(name), fields[name] ?? null]);
  return { ...lead, ...Object.fromEntries(ofFields) };
}

function translate({ fields = {}, ...ofLead }: Conditions): readonly EngineCondition[] {
  return [
    ...Object.entries(ofLead).map(([fact, wanted]) => anyOf(fact, [wanted].flat())),
    ...Object.entries(fields).map(([name, wanted]) => anyOf(fieldFact(name), [wanted].flat())),
  ];
}

function anyOf(fact: string, tests: readonly Test[]): EngineCondition {
  const values = tests.filter((test) => typeof test !== "object" && test !== "none");
  const alternatives: EngineCondition[] = tests.flatMap((test): EngineCondition[] => {
    if (test === "none") return [{ fact, operator: "equal", value: null }];
    if (typeof test !== "object") return [];
    const ends: EngineCondition[] = [];
    if (test.min !== undefined)
      ends.push({ fact, operator: "greaterThanInclusive", value: test.min });
    if (test.max !== undefined) ends.push({ fact, operator: "lessThanInclusive", value: test.max });
    return [{ all: ends }];
  });
  if (values.length > 0) alternatives.push({ fact, operator: "in", value: values });
  const [only] = alternatives;
  return only !== undefined && alternatives.length === 1 ? only : { any: alternatives };
}

function fieldFact(name: string): string {
  return `fields.${name}`;
}
