import { appendCommit, leadEvent, recordEvents } from "../../../src/record/events.ts";
import { insertDecisions, type Proposal } from "../../../src/record/decisions.ts";
import type { TrailStep } from "../../../src/rules/trail.ts";
import type { Lead } from "../../../src/rules/lead.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import { insertLead } from "../../../src/record/leads.ts";
import { rows, transaction } from "../../../src/lib/query.ts";
import { apiClient } from "../api/api-client.ts";
import { leadOf } from "../../intake/api/fakes.ts";
import { NOW, openWorld } from "../../roster/roster-world.ts";

export { NOW } from "../../roster/roster-world.ts";

/** A decision to be put on record; what is left out is that of a lead from Germany that ana got from dach a second later. */
export interface Past extends Partial<Omit<Proposal, "leadId" | "trail">> {
  readonly receivedAt: number;
  readonly lead?: Partial<Lead>;
  readonly trail?: readonly TrailStep[];
  /** When somebody was told. */
  readonly notifiedAt?: number;
}

export const MATCHED: TrailStep = {
  rule: "DACH",
  kind: "territory",
  outcome: "matched",
  reason: "the country is DE",
  podId: "dach",
  picked: "ana",
};

/** A router with a past that tests write, and its API. */
export function openHistory() {
  const world = openWorld();
  const { db, deps } = world;
  let leads = 0;

  const proposalOf = (
    id: string,
    { receivedAt, lead: _lead, notifiedAt: _notifiedAt, ...changes }: Past,
  ) => ({
    leadId: id,
    generation: 1,
    outcome: "assigned" as const,
    ownerId: "ana",
    day: changes.ownerId === null ? null : "2026-11-22",
    podId: "dach",
    claimSeq: changes.podId === null ? null : 1,
    rule: "DACH",
    reason: "ana was next in dach.",
    trail: [MATCHED],
    chainVersion: "c0ffee",
    decidedAt: receivedAt + 1_000,
    attempts: 1,
    decidedBy: "router",
    ownerRev: null,
    ...changes,
  });

  /** Commits decisions together, and then that somebody was told. Yields the leads' ids. */
  async function decide(...past: readonly Past[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { receivedAt, lead } of past) {
      // Ids of one millisecond differ in their last digits.
      const id = smallestLeadId(receivedAt).slice(0, -6) + String(++leads).padStart(6, "0");
      await rows(db, insertLead(leadOf(id, { receivedAt, ...lead }), null));
      ids.push(id);
    }
    await commit(past.map((one, at) => proposalOf(ids[at] ?? "", one)));
    const told = past.flatMap(({ notifiedAt, generation = 1 }, at) =>
      notifiedAt === undefined ? [] : [{ leadId: ids[at] ?? "", generation, at: notifiedAt }],
    );
    if (told.length > 0) await tell(...told);
    return ids;
  }

  /** Commits a later decision of a lead. */
  async function decideAgain(leadId: string, past: Past): Promise<void> {
    db.sqlite
      .prepare("INSERT INTO pending (lead_id, generation, kind, due) VALUES (?, ?, 'route', 0)")
      .run(leadId, past.generation ?? 2);
    await commit([{ ...proposalOf(leadId, past), generation: past.generation ?? 2 }]);
  }

  async function commit(proposals: readonly Proposal[]): Promise<void> {
    const at = Math.max(...proposals.map(({ decidedAt }) => decidedAt)) + 100;
    await transaction(db, [...insertDecisions(proposals, at, 0), appendCommit(at, proposals)]);
  }

  async function tell(
    ...told: readonly { leadId: string; generation: number; at: number }[]
  ): Promise<void> {
    const events = told.map(({ at, ...key }) =>
      leadEvent(deps.newId(), key, { kind: "notified", occurredAt: at, detail: {} }),
    );
    await recordEvents(db, events, Math.max(...told.map(({ at }) => at)));
  }

  return {
    ...world,
    decide,
    decideAgain,
    tell,
    call: apiClient(deps),
    count: (sql: string) => Number(db.sqlite.prepare(sql).get()?.["n"]),
  };
}

export type History = ReturnType<typeof openHistory>;

/** Instants before NOW. */
export const ago = (milliseconds: number) => NOW - milliseconds;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Numbers from 0 to 1 that look random and are always the same. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Decisions of all sorts over the days before NOW, in commits of a few. */
export async function randomPast(history: History, commits: number, days: number): Promise<void> {
  const next = numbers(commits);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  for (let n = 0; n < commits; n++) {
    const at = Math.floor(ago(days * DAY * (1 - n / commits)) - 3 * MINUTE);
    const past = Array.from({ length: 1 + Math.floor(next() * 4) }, (): Past => {
      const receivedAt = at - Math.floor(next() * 2_000);
      const decidedAt = receivedAt + Math.floor(next() ** 4 * 100_000);
      const lead = { source: pick(["expo", "web", null]), countryCode: pick(["DE", "FR", null]) };
      const told = next() < 0.7 ? { notifiedAt: decidedAt + Math.floor(next() * 40_000) } : {};
      const common = { receivedAt, decidedAt, lead, ...told };
      const miss: TrailStep = { rule: "DACH", kind: "territory", outcome: "no_match", reason: "" };
      switch (pick(["dach", "dach", "sdr", "owner", "nobody"])) {
        case "dach":
          return { ...common, ownerId: pick(["ana", "bo"]) };
        case "sdr": {
          const found: TrailStep = { ...MATCHED, rule: "fallback", kind: "fallback", podId: "sdr" };
          return { ...common, podId: "sdr", ownerId: "cy", rule: "fallback", trail: [miss, found] };
        }
        case "owner":
          return { ...common, podId: null, rule: "matched account", ownerId: "bo" };
        default: {
          const end: TrailStep = {
            rule: "fallback",
            kind: "fallback",
            outcome: "no_eligible_rep",
            reason: "",
            podId: "sdr",
            candidates: [],
          };
          const nobody = { outcome: "unassigned" as const, ownerId: null, podId: null, rule: null };
          return { ...common, ...nobody, trail: [miss, end] };
        }
      }
    });
    const [leadId = ""] = await history.decide(...past);
    if (next() < 0.2)
      await history.decideAgain(leadId, { receivedAt: at, decidedAt: at + 120_000, ownerId: "cy" });
  }
}
