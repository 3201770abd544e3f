import { appendCommit } from "../../src/record/events.ts";
import { insertDecisions, type Proposal } from "../../src/record/decisions.ts";
import type { Deps } from "../../src/ports/deps.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import { smallestLeadId } from "../../src/lib/ids.ts";
import { insertLead } from "../../src/record/leads.ts";
import type { Lead } from "../../src/rules/lead.ts";
import { rows, transaction } from "../../src/lib/query.ts";
import { routeBecomesNotify, wantReleases } from "../../src/record/pending.ts";
import { pinnedChain } from "../rules/pinned-chain.ts";
import { leadOf, NOW } from "../intake/api/fakes.ts";
import { openD1, type SqliteD1 } from "../record/sqlite-d1.ts";

/** The id of the n-th lead: ids sort in order of arrival. */
export function leadId(n: number): string {
  return smallestLeadId(NOW + n);
}

/** Database, queues and pods as ops at their desk meet them, before anything was routed. */
export class Desk {
  readonly db: SqliteD1 = openD1();
  readonly deps: Deps;
  readonly sent: RouteMessage[] = [];
  readonly told: NotifyMessage[] = [];
  /** Claims that pods were asked to release: "dach/3". */
  readonly released: string[] = [];
  readonly logged: string[] = [];
  podsAway = false;

  constructor(overrides: Partial<Deps> = {}) {
    let ids = 0;
    this.deps = {
      db: this.db,
      chain: pinnedChain(),
      forms: [],
      sources: [],
      destinations: [],
      deliveries: { send: async () => {} },
      ...this.#outside(),
      secret: () => null,
      allow: async () => true,
      fetch: () => Promise.reject(new Error("nobody calls out here")),
      now: () => NOW,
      sleep: () => Promise.reject(new Error("nobody waits here")),
      random: () => 0,
      newId: () => smallestLeadId(NOW + 1_000_000 + ++ids),
      ...overrides,
    };
  }

  #outside(): Pick<Deps, "leads" | "notifications" | "pod" | "log"> {
    const away = async () => {
      if (this.podsAway) throw new Error("the pod is away");
    };
    return {
      leads: { send: async (messages) => void this.sent.push(...messages) },
      notifications: { send: async (messages) => void this.told.push(...messages) },
      pod: (podId) => ({
        claim: () => Promise.reject(new Error("nobody asks for a claim here")),
        preview: () => Promise.reject(new Error("nobody asks what a claim would be here")),
        catchUp: () => Promise.reject(new Error("nobody catches up here")),
        accept: () => Promise.reject(new Error("nobody hands over a roster here")),
        giveBack: () => Promise.reject(new Error("nobody gives back here")),
        debit: () => Promise.reject(new Error("nobody debits here")),
        release: async (seqs) => {
          await away();
          this.released.push(...seqs.map((seq) => `${podId}/${seq}`));
        },
        snapshot: async () => {
          await away();
          return {
            version: 4,
            at: NOW,
            next: null,
            members: [],
            waiting: [],
            standing: 3,
            held: 2,
          };
        },
      }),
      log: (_level, event) => void this.logged.push(event),
    };
  }

  addRep(
    id: string,
    { timeZone = "UTC", dailyCap = null as number | null, active = 1 } = {},
  ): void {
    this.db.sqlite
      .prepare("INSERT INTO reps (id, name, time_zone, daily_cap, active) VALUES (?, ?, ?, ?, ?)")
      .run(id, id, timeZone, dailyCap, active);
  }

  async addLead(n: number, changes: Partial<Lead> = {}): Promise<string> {
    const lead = leadOf(leadId(n), { receivedAt: NOW + n, ...changes });
    await rows(this.db, insertLead(lead, null));
    return lead.id;
  }

  erase(id: string): void {
    this.db.sqlite
      .prepare(
        "UPDATE leads SET email = NULL, phone = NULL, name = NULL, company = NULL, fields = '{}', erased_at = ? WHERE id = ?",
      )
      .run(NOW, id);
  }

  /** Commits a decision as the routing pass does. `ownerId` null = unassigned. */
  async decide(id: string, ownerId: string | null, changes: Partial<Proposal> = {}): Promise<void> {
    const proposal: Proposal = {
      leadId: id,
      generation: 1,
      outcome: ownerId === null ? "unassigned" : "assigned",
      ownerId,
      day: ownerId === null ? null : "2026-11-22",
      podId: ownerId === null ? null : "dach",
      claimSeq: ownerId === null ? null : 7,
      rule: ownerId === null ? null : "DACH",
      reason:
        ownerId === null ? "No rule found a rep: none matched." : `${ownerId} was next in dach.`,
      trail: [{ rule: "DACH", kind: "territory", outcome: "matched", reason: "the country is DE" }],
      chainVersion: "c0ffee",
      decidedAt: NOW + 1_200,
      attempts: 1,
      decidedBy: "router",
      ownerRev: null,
      ...changes,
    };
    await transaction(this.db, [
      ...insertDecisions([proposal], NOW, 0),
      appendCommit(NOW, [proposal]),
      routeBecomesNotify([proposal], NOW),
      wantReleases([proposal], NOW),
    ]);
  }

  /** All of `pending`, as "kind generation". */
  pending(): string[] {
    return this.select("SELECT kind || ' ' || generation AS v FROM pending ORDER BY v").map(
      ({ v }) => String(v),
    );
  }

  select(sql: string): Record<string, unknown>[] {
    return this.db.sqlite
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  }

  /** Kinds of all events, in order of commit. */
  events(): string[] {
    return this.select("SELECT kind FROM events ORDER BY commit_no, id").map(({ kind }) =>
      String(kind),
    );
  }
}

/** A database whose next transaction that writes lands, but whose answer is lost on the way. */
export function losingAnswerOf(db: SqliteD1): D1Database {
  let lost = false;
  return {
    prepare: (sql) => db.prepare(sql),
    async batch<T>(statements: D1PreparedStatement[]) {
      const before = db.totalChanges();
      const results = await db.batch<T>(statements);
      if (lost || db.totalChanges() === before) return results;
      lost = true;
      throw new Error("D1_ERROR: Network connection lost.");
    },
    exec: (sql) => db.exec(sql),
    withSession: () => db.withSession(),
    dump: () => db.dump(),
  };
}

/** A desk with reps bo and cy, and a lead that is bo's. */
export async function decidedLead(): Promise<{ desk: Desk; id: string }> {
  const desk = new Desk();
  desk.addRep("bo");
  desk.addRep("cy");
  const id = await desk.addLead(1);
  await desk.decide(id, "bo");
  return { desk, id };
}
