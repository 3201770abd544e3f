import type { Chain } from "../../rules/chain.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import { predicatesOf } from "./chain-needs.ts";
import { DifferenceCount } from "./difference.ts";
import { FreeRun } from "./free-run.ts";
import { History } from "./history.ts";
import { compareOutcomes } from "./outcome.ts";
import { Pairs, type Compared } from "./pairs.ts";
import { ProofRun, takenAsItWas, type TakenReason } from "./proof.ts";
import type { RecordedDecision, RecordedEvent, ReplayRecord } from "./record.ts";
import type { Drift, ReplayReport } from "./report.ts";
import { listReroutes, settingOf } from "./setting.ts";

export interface ReplayChains {
  /** The rules to try. */
  readonly after: Chain;
  /** Those that decided, by version, as far as they are known. */
  readonly before: ReadonlyMap<string, Chain>;
}

/** Told now and then how many decisions of how many are done. */
export type OnProgress = (done: number, all: number) => void;

/**
 * Takes the leads of a record through the rules that decided them and through the rules to try, side by side. Three runs go
 * through the record in step: one foresees each decision and then follows the record (the proof); one leaves the old rules
 * to themselves and one the new (the difference). Pure but for reading `record`; holds no trails but a hundred.
 */
export function replay(
  record: ReplayRecord,
  chains: ReplayChains,
  onProgress: OnProgress = () => {},
): ReplayReport {
  return new Replay(record, chains).run(onProgress);
}

class Replay {
  readonly #record: ReplayRecord;
  readonly #chains: ReplayChains;
  readonly #history: History;
  readonly #proof: ProofRun;
  readonly #before: FreeRun;
  readonly #after: FreeRun;
  readonly #pairs = new Pairs((compared) => this.#compare(compared));
  readonly #difference = new DifferenceCount();
  readonly #drift: { -readonly [Key in keyof Drift]: Drift[Key] } = {
    same: 0,
    owner: 0,
    elsewhere: 0,
  };
  readonly #versions = new Map<string, number>();
  /** Re-routes: whether whoever had the lead was ruled out. By clocks alone a decision may precede what asked for it. */
  readonly #reroutes: ReadonlyMap<string, boolean>;
  /** Leads that set out before their decision, because they waited in line. */
  readonly #waiting = new Set<string>();
  /** The rules in force, as the last decision tells; before the first, those to try. */
  #version: string;

  constructor(record: ReplayRecord, chains: ReplayChains) {
    this.#record = record;
    this.#chains = chains;
    this.#version = chains.after.version;
    this.#reroutes = listReroutes(record);
    this.#history = new History(record);
    const setting = settingOf(record, this.#history, [chains.after, ...chains.before.values()]);
    this.#proof = new ProofRun(setting);
    this.#before = new FreeRun(setting, (key, before) => this.#pairs.add(key, { before }));
    this.#after = new FreeRun(setting, (key, after) => this.#pairs.add(key, { after }));
  }

  run(onProgress: OnProgress): ReplayReport {
    const { moments, from, until } = this.#record;
    for (const [done, moment] of moments.entries()) {
      if (done % PROGRESS_EVERY === 0) onProgress(done, moments.length);
      for (const run of [this.#before, this.#after]) run.advanceTo(moment.at);
      if (moment.type === "event") this.#happen(moment.event);
      else this.#decide(this.#record.decision(moment));
    }
    for (const run of [this.#before, this.#after]) {
      run.advanceTo(until);
      run.finish();
    }
    onProgress(moments.length, moments.length);
    return {
      from,
      until,
      version: this.#chains.after.version,
      versions: [...this.#versions].map(([version, decisions]) => ({
        version,
        decisions,
        known: this.#chains.before.has(version),
      })),
      proof: this.#proof.result(),
      drift: this.#drift,
      difference: this.#difference.result(),
      emptyPods: this.#chains.after.pods
        .map(({ id }) => id)
        .filter((podId) => !this.#history.hadMembers(podId)),
      predicates: predicatesOf([this.#chains.after, ...this.#chains.before.values()]),
    };
  }

  #happen(event: RecordedEvent): void {
    const { subjectType, subjectId: leadId, generation, occurredAt: at } = event;
    if (subjectType !== "lead") {
      for (const podId of this.#history.advance(event)) {
        this.#proof.run.adopt(podId);
        for (const run of [this.#before, this.#after]) run.adopt(podId, at);
      }
      return;
    }
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

  /** A lead began to wait in a pod's line: in the free runs it sets out now, not when it was drawn. */
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
    const chain = this.#chains.before.get(decision.chainVersion) ?? null;
    const recordedLead = this.#record.lead(decision.leadId);
    const key = keyOf(decision);
    const exclude = this.#reroutes.get(key) ?? false;
    const setOut = this.#waiting.delete(key);
    this.#version = decision.chainVersion;
    const isOfPeriod = decision.decidedAt >= this.#record.from;
    if (isOfPeriod) this.#versions.set(this.#version, (this.#versions.get(this.#version) ?? 0) + 1);

    const taken = takenAsItWas(decision) ?? (recordedLead === null ? "lead_unknown" : null);
    if (!isOfPeriod || taken !== null || recordedLead === null) {
      this.#take(decision, chain, isOfPeriod ? taken : null);
      return;
    }
    const { lead } = recordedLead;
    this.#pairs.add(decision, { recorded: decision });
    if (!setOut) this.#after.route(decision, this.#chains.after, lead, exclude, decision.decidedAt);
    if (chain === null) {
      this.#proof.take(decision, null, "chain_unknown");
      this.#before.take(decision, null);
      this.#pairs.add(decision, { before: decision });
      return;
    }
    this.#proof.prove(decision, chain, recordedLead, exclude);
    if (!setOut) this.#before.route(decision, chain, lead, exclude, decision.decidedAt);
  }

  #take(decision: RecordedDecision, chain: Chain | null, reason: TakenReason | null): void {
    this.#proof.take(decision, chain, reason);
    this.#before.take(decision, chain);
    this.#after.take(decision, this.#chains.after);
  }

  #compare({ recorded, before, after, ...key }: Compared): void {
    const drift = compareOutcomes(recorded, before);
    this.#drift[drift === "none" ? "same" : drift === "owner" ? "owner" : "elsewhere"] += 1;
    // Where the old rules, left to themselves, decide as they did, what is shown is the trail that was stored.
    const shown = drift === "none" ? recorded : before;
    this.#difference.add(key, shown, after, () => this.#record.lead(key.leadId)?.lead ?? null);
  }
}

/** Moments between two reports of progress. */
const PROGRESS_EVERY = 500;
