import { isRecord } from "../../lib/json.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import type { Chain } from "../../rules/chain.ts";
import { compareOutcomes, type Difference, DifferenceCount } from "./difference.ts";
import { FreeRun } from "./free-run.ts";
import { History } from "./history.ts";
import { type Proof, ProofRun, takenAsItWas } from "./proof.ts";
import type { Moment, Outcome, RecordedDecision, RecordedEvent, ReplayRecord } from "./record.ts";
import { settingOf } from "./run.ts";

/** How the rules that decided, left to themselves, compare with what was recorded. */
interface Drift {
  readonly same: number;
  /** The rotation came to somebody else of the same pod. */
  readonly owner: number;
  /** Another rule, pod, or nobody. */
  readonly elsewhere: number;
}

/** What a replay found. Plain data: `--format json` prints it. Instants are milliseconds since the epoch. */
export interface ReplayReport {
  readonly from: number;
  readonly until: number;
  /** The rules that were tried. */
  readonly version: string;
  /** The rules that decided. */
  readonly versions: readonly {
    readonly version: string;
    readonly decisions: number;
    /** Whether the replay had them: otherwise their decisions are kept as recorded. */
    readonly known: boolean;
  }[];
  readonly proof: Proof;
  readonly drift: Drift;
  readonly difference: Difference;
  /** Pods of the rules that were tried in which nobody was at any time. */
  readonly emptyPods: readonly string[];
  /** Rules that ask a predicate: what it looks at of a lead cannot be known. */
  readonly predicates: readonly string[];
}

export interface ReplayChains {
  /** The rules to try. */
  readonly after: Chain;
  /** Those that decided, by version, as far as they are known. */
  readonly before: ReadonlyMap<string, Chain>;
}

/** Is told now and then how many decisions of how many are done. */
export type OnProgress = (done: number, all: number) => void;

/** Moments between two reports of progress. */
const PROGRESS_EVERY = 500;

/**
 * Takes the leads of a record through the rules that decided them and through the rules to try, side by side. Three runs go
 * through the record in step: one foresees each decision and then follows the record (the proof); one leaves the old rules
 * to themselves and one the new (the difference). Pure except for reading `record`; holds no trails except a hundred.
 */
export function replay(
  record: ReplayRecord,
  chains: ReplayChains,
  onProgress: OnProgress = () => {},
): ReplayReport {
  return new Replay(record, chains).run(onProgress);
}

/** What the runs say of one decision. Null = it is still waiting at the end. */
interface Parts {
  readonly recorded?: Outcome;
  readonly before?: Outcome | null;
  readonly after?: Outcome | null;
}

class Replay {
  readonly #record: ReplayRecord;
  readonly #chains: ReplayChains;
  readonly #history: History;
  readonly #proof: ProofRun;
  readonly #before: FreeRun;
  readonly #after: FreeRun;
  /** Decisions of which not all runs have spoken: they do so in any order. */
  readonly #parts = new Map<string, Parts>();
  readonly #difference = new DifferenceCount();
  readonly #drift = { same: 0, owner: 0, elsewhere: 0 };
  readonly #versions = new Map<string, number>();
  /** Re-routes: whether the lead's owner was excluded. By clocks alone a decision may precede what asked for it. */
  readonly #reroutes: ReadonlyMap<string, boolean>;
  /** Leads that were routed before their decision, because they waited in a pod. */
  readonly #waiting = new Set<string>();
  /** The rules in force, as the last decision says; before the first, those to try. */
  #version: string;

  constructor(record: ReplayRecord, chains: ReplayChains) {
    this.#record = record;
    this.#chains = chains;
    this.#version = chains.after.version;
    this.#reroutes = listReroutes(record.moments);
    this.#history = new History(record);
    const setting = settingOf(record, this.#history, [chains.after, ...chains.before.values()]);
    this.#proof = new ProofRun(setting);
    this.#before = new FreeRun(setting, (key, before) => this.#note(key, { before }));
    this.#after = new FreeRun(setting, (key, after) => this.#note(key, { after }));
  }

  run(onProgress: OnProgress): ReplayReport {
    const { moments, from, until } = this.#record;
    const freeRuns = [this.#before, this.#after];
    for (const [done, moment] of moments.entries()) {
      if (done % PROGRESS_EVERY === 0) onProgress(done, moments.length);
      for (const run of freeRuns) run.advanceTo(moment.at);
      if (moment.type === "decision") this.#decide(this.#record.decision(moment));
      else if (moment.event.subjectType === "lead") this.#happen(moment.event);
      else
        for (const podId of this.#history.advance(moment.event)) {
          this.#proof.run.adopt(podId);
          for (const run of freeRuns) run.adopt(podId, moment.event.occurredAt);
        }
    }
    for (const run of freeRuns) {
      run.advanceTo(until);
      run.finish();
    }
    onProgress(moments.length, moments.length);
    const { after, before } = this.#chains;
    return {
      from,
      until,
      version: after.version,
      versions: [...this.#versions].map(([version, decisions]) => ({
        version,
        decisions,
        known: before.has(version),
      })),
      proof: this.#proof.result(),
      drift: this.#drift,
      difference: this.#difference.result(),
      emptyPods: after.pods.map(({ id }) => id).filter((id) => !this.#history.hadMembers(id)),
      predicates: predicatesOf([after, ...before.values()]),
    };
  }

  /** Something happened to a lead. */
  #happen(event: RecordedEvent): void {
    const { subjectId: leadId, generation, occurredAt: at } = event;
    if (generation === null) return;
    const key = { leadId, generation };
    switch (event.kind) {
      case "closed":
        this.#proof.run.release(key);
        for (const run of [this.#before, this.#after]) run.close(key, at);
        return;
      case "erased":
        this.#proof.run.release(key);
        for (const run of [this.#before, this.#after]) run.releaseLater(key, at);
        return;
      case "ledger_debited":
        return this.#proof.debit(event, this.#chains.before.get(this.#version) ?? null);
      case "waiting":
        return this.#wait(key, at);
    }
  }

  /** A lead began to wait in a pod: in the free runs it is routed now, not when it was drawn. */
  #wait(key: DecisionKey, at: number): void {
    const chain = this.#chains.before.get(this.#version);
    const lead = this.#record.lead(key.leadId)?.lead;
    if (at < this.#record.from || this.#waiting.has(keyOf(key)) || !lead) return;
    this.#waiting.add(keyOf(key));
    const exclude = this.#reroutes.get(keyOf(key)) ?? false;
    this.#after.route(key, this.#chains.after, lead, exclude, at);
    if (chain) this.#before.route(key, chain, lead, exclude, at);
  }

  #decide(decision: RecordedDecision): void {
    const { chainVersion, decidedAt: at } = decision;
    const { after } = this.#chains;
    const chain = this.#chains.before.get(chainVersion) ?? null;
    const recordedLead = this.#record.lead(decision.leadId);
    const exclude = this.#reroutes.get(keyOf(decision)) ?? false;
    const isUnderWay = this.#waiting.delete(keyOf(decision));
    this.#version = chainVersion;
    const isOfPeriod = at >= this.#record.from;
    if (isOfPeriod) this.#versions.set(chainVersion, (this.#versions.get(chainVersion) ?? 0) + 1);

    const taken = takenAsItWas(decision) ?? (recordedLead === null ? "lead_unknown" : null);
    if (!isOfPeriod || taken !== null || recordedLead === null) {
      this.#proof.enter(decision, chain, isOfPeriod ? taken : null);
      this.#before.enter(decision, chain);
      this.#after.enter(decision, after);
      return;
    }
    this.#note(decision, { recorded: decision });
    if (!isUnderWay) this.#after.route(decision, after, recordedLead.lead, exclude, at);
    if (chain === null) {
      this.#proof.enter(decision, null, "chain_unknown");
      this.#before.enter(decision, null);
      this.#note(decision, { before: decision });
      return;
    }
    this.#proof.prove(decision, chain, recordedLead, exclude);
    if (!isUnderWay) this.#before.route(decision, chain, recordedLead.lead, exclude, at);
  }

  /** Keeps what a run says of a decision; once all have spoken, compares. */
  #note({ leadId, generation }: DecisionKey, part: Parts): void {
    const key = { leadId, generation };
    const parts = { ...this.#parts.get(keyOf(key)), ...part };
    this.#parts.set(keyOf(key), parts);
    const { recorded, before, after } = parts;
    if (recorded === undefined || before === undefined || after === undefined) return;
    this.#parts.delete(keyOf(key));
    const drift = compareOutcomes(recorded, before);
    this.#drift[drift === "none" ? "same" : drift === "owner" ? "owner" : "elsewhere"] += 1;
    // Where the old rules, left to themselves, decide as they did, what is shown is the trail that was stored.
    const shown = drift === "none" ? recorded : before;
    this.#difference.add(key, shown, after, () => this.#record.lead(leadId)?.lead ?? null);
  }
}

/** Of each re-routed generation, by its key: whether the lead's owner was excluded. */
function listReroutes(moments: readonly Moment[]): ReadonlyMap<string, boolean> {
  const reroutes = new Map<string, boolean>();
  for (const moment of moments) {
    if (moment.type !== "event" || moment.event.kind !== "reroute_requested") continue;
    const { subjectId: leadId, generation, detail } = moment.event;
    if (generation !== null)
      reroutes.set(keyOf({ leadId, generation }), detail["excludeOwner"] !== false);
  }
  return reroutes;
}

/** What of a lead the rules look at, beyond what every export holds. */
export interface ChainNeeds {
  /** Form fields; null = any, because a predicate of the chain may look at all of them. */
  readonly fields: readonly string[] | null;
  readonly company: boolean;
}

export function needsOf(chains: readonly Chain[]): ChainNeeds {
  const conditions = chains
    .flatMap(({ rules }) => rules.map(({ definition }) => definition["conditions"]))
    .filter(isRecord);
  const fields = conditions.flatMap((each) => Object.keys(each["fields"] ?? {}));
  const opaque = predicatesOf(chains).length > 0;
  return {
    fields: opaque ? null : [...new Set(fields)].toSorted(),
    company: opaque || conditions.some((each) => "company" in each),
  };
}

/** Names of the rules that ask a predicate. */
function predicatesOf(chains: readonly Chain[]): readonly string[] {
  const rules = chains.flatMap((chain) => chain.rules);
  const opaque = rules.filter(({ definition }) => definition["predicate"] !== undefined);
  return [...new Set(opaque.map(({ name }) => name))];
}

/** Form fields that the rules look at and the record does not hold. @param kept null = all */
export function missingFields(
  { fields }: ChainNeeds,
  kept: readonly string[] | null,
): readonly string[] {
  if (kept === null) return [];
  return fields === null
    ? ["any (a predicate may look at all)"]
    : fields.filter((name) => !kept.includes(name));
}
