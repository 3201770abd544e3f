import { appendCommit, type AuditEvent, insertEvents } from "../../../src/record/events.ts";
import { insertDecisions, type Proposal } from "../../../src/record/decisions.ts";
import {
  readTimeline,
  type TimelineFilter,
  type TimelineItem,
} from "../../../src/ops/audit/timeline.ts";
import type { Order, Place } from "../../../src/record/timeline.ts";
import { insertLead } from "../../../src/record/leads.ts";
import { transaction } from "../../../src/lib/query.ts";
import { leadOf, NOW } from "../../intake/api/fakes.ts";
import { leadId } from "../../routing/desk.ts";
import { openD1, type SqliteD1 } from "../../record/sqlite-d1.ts";

/** What a commit writes: a decision of a new lead, or an event. */
export type Written =
  | { readonly decision: Partial<Proposal> }
  | { readonly event: Partial<AuditEvent> };

/** A row of the audit as the test wrote it, in the order of commits. */
export type Truth = Place & { readonly at: number } & (
    | { readonly type: "decision"; readonly decision: Proposal }
    | { readonly type: "event"; readonly event: AuditEvent }
  );

export const ANY: TimelineFilter = {
  type: null,
  lead: null,
  owner: null,
  pod: null,
  rule: null,
  outcome: null,
  chainVersion: null,
  kinds: null,
  subjects: null,
  actor: null,
  from: null,
  to: null,
};

/** An audit that the test writes commit by commit, with the router's own statements, and keeps the truth of. */
export class TimelineWorld {
  readonly db: SqliteD1 = openD1();
  readonly truth: Truth[] = [];
  #commits = 0;
  #ids = 0;

  async commit(at: number, written: readonly Written[]): Promise<void> {
    const decisions = written.flatMap((row) =>
      "decision" in row ? [this.#proposal(row.decision)] : [],
    );
    const events = written.flatMap((row) => ("event" in row ? [this.#event(row.event)] : []));
    await transaction(this.db, [
      ...decisions.map(({ leadId: id }) => insertLead(leadOf(id), null)),
      ...insertDecisions(decisions, at, 0),
      insertEvents(events),
      appendCommit(at, decisions, events),
    ]);
    const no = ++this.#commits;
    const rows = [
      ...decisions.map((decision) => ({ type: "decision", decision }) as const),
      ...events.map((event) => ({ type: "event", event }) as const),
    ];
    this.truth.push(...rows.map((row, place) => ({ no, place, at, ...row })));
  }

  #proposal(changes: Partial<Proposal>): Proposal {
    const ownerId = changes.ownerId === undefined ? "bo" : changes.ownerId;
    const owned = ownerId !== null;
    return {
      leadId: leadId(++this.#ids),
      generation: 1,
      outcome: owned ? "assigned" : "unassigned",
      day: owned ? "2026-11-22" : null,
      podId: owned ? "dach" : null,
      claimSeq: owned ? this.#ids : null,
      rule: owned ? "DACH" : null,
      reason: "",
      trail: [],
      chainVersion: "c0ffee",
      decidedAt: NOW,
      attempts: 1,
      decidedBy: "router",
      ownerRev: null,
      ...changes,
      ownerId,
    };
  }

  #event(changes: Partial<AuditEvent>): AuditEvent {
    return {
      id: `event-${String(++this.#ids).padStart(6, "0")}`,
      subjectType: "rep",
      subjectId: "bo",
      generation: null,
      kind: "rep_changed",
      actor: "ana",
      occurredAt: NOW,
      detail: {},
      ...changes,
    };
  }

  /** All that the filter finds, in parts of the limit. */
  async readAll(
    filter: TimelineFilter,
    order: Order = "asc",
    limit = 100,
    scanLimit?: number,
  ): Promise<readonly TimelineItem[]> {
    const items: TimelineItem[] = [];
    let after: Place | null = null;
    for (let parts = 0; parts < 1_000; parts++) {
      const position = { order, after, upTo: null };
      const part = await readTimeline(this.db, filter, position, limit, scanLimit);
      items.push(...part.items);
      if (!part.more) return items;
      after = part.end;
    }
    throw new Error("the timeline has no end");
  }
}

/** Where each item stands: "3/0". */
export function places(items: readonly Place[]): string[] {
  return items.map(({ no, place }) => `${no}/${place}`);
}
