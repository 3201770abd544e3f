import { emptyConfiguration } from "./configuration.ts";
import type { JsonRecord } from "../../lib/json.ts";
import {
  readConfigurationLine,
  readDecision,
  readEvent,
  readLead,
  readMeta,
  type ExportMeta,
} from "./read-lines.ts";
import { compareMoments, type DecisionPlace, type Moment, type ReplayRecord } from "./record.ts";

/** Reads a line again, by the place it was first read from. */
export type ReadAgain = (place: number) => JsonRecord;

export interface IndexedRecord {
  readonly meta: ExportMeta;
  readonly record: ReplayRecord;
  /** Of the chains that decided. */
  readonly versions: ReadonlySet<string>;
}

/**
 * Puts a record together from the lines of an export, in whatever order they stand but for the first. Keeps of each lead and
 * each decision only where its line is: a trail is a few kilobytes, and there may be a million.
 */
export class RecordIndex {
  readonly #readAgain: ReadAgain;
  readonly #configuration = emptyConfiguration();
  readonly #accountNames = new Map<string, string>();
  readonly #moments: Moment[] = [];
  readonly #leads = new Map<string, number>();
  readonly #firstDraws = new Map<string, DecisionPlace>();
  readonly #versions = new Set<string>();
  #meta: ExportMeta | null = null;
  #changedAt = 0;

  constructor(readAgain: ReadAgain) {
    this.#readAgain = readAgain;
  }

  /** @throws {Error} naming what is wrong with the line */
  add(line: JsonRecord, place: number): void {
    if (this.#meta === null) {
      this.#meta = readMeta(line);
      return;
    }
    switch (line["type"]) {
      case "lead":
        this.#leads.set(readLead(line).lead.id, place);
        return;
      case "decision":
        return this.#addDecision(line, place);
      case "event":
        return this.#addEvent(line);
      default:
        readConfigurationLine(line, this.#configuration, this.#accountNames);
    }
  }

  /** @throws {Error} when not even the first line was read */
  finish(): IndexedRecord {
    const meta = this.#meta;
    if (meta === null) throw new Error("it is empty");
    const leads = this.#leads;
    return {
      meta,
      versions: this.#versions,
      record: {
        from: meta.from,
        until: meta.until,
        configuration: this.#configuration,
        accountNames: this.#accountNames,
        moments: this.#moments.toSorted(compareMoments),
        firstDraws: this.#firstDraws,
        decision: ({ place }) => readDecision(this.#readAgain(place)),
        lead: (id) => {
          const place = leads.get(id);
          return place === undefined ? null : readLead(this.#readAgain(place));
        },
      },
    };
  }

  #addDecision(line: JsonRecord, place: number): void {
    const { leadId, generation, decidedAt: at, claimSeq, trail, chainVersion } = readDecision(line);
    this.#versions.add(chainVersion);
    const moment: DecisionPlace = { type: "decision", leadId, generation, at, claimSeq, place };
    this.#moments.push(moment);
    for (const { podId, candidates } of trail) {
      if (podId === undefined || candidates === undefined) continue;
      const first = this.#firstDraws.get(podId);
      if (!first || compareMoments(moment, first) < 0) this.#firstDraws.set(podId, moment);
    }
  }

  #addEvent(line: JsonRecord): void {
    const event = readEvent(line);
    if (event.subjectType === "lead" && !LEAD_KINDS.has(event.kind)) return;
    // Changes took effect in the order of their commits, whatever the clocks of those who made them.
    const at =
      event.subjectType === "lead" ? event.occurredAt : Math.max(this.#changedAt, event.occurredAt);
    if (event.subjectType !== "lead") this.#changedAt = at;
    this.#moments.push({ type: "event", at, event });
  }
}

/** What happens to a lead and moves a pod or the lead itself; the rest is told to people only. */
const LEAD_KINDS: ReadonlySet<string> = new Set([
  "closed",
  "erased",
  "reroute_requested",
  "waiting",
  "ledger_debited",
]);
