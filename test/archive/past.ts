import { chain, fallback, pod } from "lead-router";
import { smallestLeadId } from "../../src/lib/ids.ts";
import type { Deps } from "../../src/ports/deps.ts";
import { closeDays } from "../../src/ops/audit/digest-close.ts";
import { archiveOld } from "../../src/archive/archive-old.ts";
import type { PartLimits } from "../../src/archive/archive-leads.ts";
import { openWorld } from "../roster/roster-world.ts";
import type { SqliteD1 } from "../record/sqlite-d1.ts";
import { MemoryBucket } from "./memory-bucket.ts";

export const DAY = 24 * 60 * 60_000;
export const HOUR = 60 * 60_000;
/** The instant at which the clock of these tests begins. */
export const NOW = Date.UTC(2026, 10, 22, 9, 30);
/** A day that is 100 days ago. */
export const LONG_AGO = Date.UTC(2026, 7, 14);

/** A lead of the past and what became of it. */
interface PastLead {
  readonly id: string;
  readonly email: string;
}

/** Writes a past as the router would have, without its being asked for each lead. */
class Past {
  readonly db: SqliteD1;
  #leads = 0;
  #claims = 0;

  constructor(db: SqliteD1) {
    this.db = db;
  }

  /**
   * Leads received evenly over a day: decided in commits of ten a second later, nine assigned and one not, announced in commits of ten.
   * @param fields of each lead, as text
   */
  addDay(midnight: number, count: number, fields = '{"message":"Grüße"}'): PastLead[] {
    const { sqlite } = this.db;
    const lead = sqlite.prepare(
      `INSERT INTO leads VALUES (?, ?, ?, ?, ?, 'Acme', 'acme.test', 'DE', 'Berlin', 'ads', 87.5, ?, ?, NULL)`,
    );
    const decision = sqlite.prepare(
      `INSERT INTO decisions VALUES (?, 1, ?, ?, ?, ?, ?, 'DACH', 'ana was next in dach.', ?, 'c0ffee', ?, ?, ?, 1, 'router')`,
    );
    const event = sqlite.prepare(
      `INSERT INTO events VALUES ('lead', ?, ?, 1, 'notified', 'router', ?, ?, '{"channel":"direct"}')`,
    );
    const trail = JSON.stringify([
      {
        rule: "DACH",
        kind: "territory",
        outcome: "matched",
        reason: "the country is DE",
        podId: "dach",
        candidates: [{ repId: "ana", weight: 1, balance: 0, eligibility: "eligible" }],
        picked: "ana",
        runnerUp: null,
      },
    ]);
    const added: PastLead[] = [];
    sqlite.exec("BEGIN");
    for (let at = 0; at < count; at += 10) {
      const batch = Array.from({ length: Math.min(10, count - at) }, (_, nth) => {
        const instant = midnight + Math.floor((at / count) * 20 * HOUR) + nth;
        const n = ++this.#leads;
        const id = smallestLeadId(instant).slice(0, -12) + String(n).padStart(12, "0");
        const email = `jane-${n}@acme.test`;
        lead.run(
          id,
          instant,
          email,
          `+49 30 ${n}`,
          `Jane Doe ${n}`,
          fields,
          n % 5 === 0 ? `key-${n}` : null,
        );
        added.push({ id, email });
        return { id, instant, n };
      });
      const committedAt = midnight + Math.floor((at / count) * 20 * HOUR) + 1_100;
      const no = this.#nextNo();
      for (const { id, instant, n } of batch) {
        const day = new Date(instant).toISOString().slice(0, 10);
        if (n % 10 === 0)
          decision.run(id, "unassigned", null, null, null, null, trail, instant, committedAt, no);
        else
          decision.run(
            id,
            "assigned",
            "ana",
            day,
            "dach",
            ++this.#claims,
            trail,
            instant,
            committedAt,
            no,
          );
      }
      this.#commit(
        committedAt,
        batch.map(({ id }) => ["decision", id, 1]),
      );
      const told = this.#nextNo();
      for (const { id, instant, n } of batch) event.run(id, `event-${n}`, instant + 2_000, told);
      this.#commit(
        committedAt + 1_000,
        batch.map(({ id, n }) => ["event", "lead", id, `event-${n}`]),
      );
    }
    // A lead behind the sweep's mark comes with a row of its own.
    sqlite.exec("DELETE FROM pending");
    sqlite.exec("COMMIT");
    this.db.sqlite.exec(
      "UPDATE marks SET value = (SELECT max(id) FROM leads) WHERE name = 'sweep'",
    );
    this.countAll();
    return added;
  }

  /** The metrics have counted everything so far. */
  countAll(): void {
    this.db.sqlite.exec(
      "UPDATE marks SET value = (SELECT max(no) FROM commits) WHERE name = 'rollup'",
    );
  }

  /** Something of today, so that what is old is not the newest commit. */
  addToday(): void {
    const no = this.#nextNo();
    this.db.sqlite
      .prepare(
        `INSERT INTO events VALUES ('rep', 'ana', ?, NULL, 'rep_changed', 'ana', ?, ?, '{}')`,
      )
      .run(`today-${no}`, NOW, no);
    this.#commit(NOW, [["event", "rep", "ana", `today-${no}`]]);
    this.countAll();
  }

  #nextNo(): number {
    return Number(
      this.db.sqlite.prepare("SELECT coalesce(max(no), 0) + 1 AS no FROM commits").get()?.["no"],
    );
  }

  #commit(at: number, keys: readonly (readonly (string | number)[])[]): void {
    this.db.sqlite
      .prepare("INSERT INTO commits VALUES (?, ?, ?)")
      .run(this.#nextNo(), at, JSON.stringify(keys));
  }
}

type Row = Record<string, unknown>;

/** A router with a bucket, a pod that remembers what was released in it, and a past that tests write. */
export function openArchive(overrides: Partial<Deps> = {}) {
  const world = openWorld();
  const { db } = world;
  const bucket = new MemoryBucket();
  const clock = { now: NOW };
  const settings: Record<string, string> = { RETENTION_DAYS: "90" };
  const released: number[] = [];
  const logged: { level: string; event: string; detail: unknown }[] = [];
  const posts: string[] = [];
  let ids = 0;
  const deps: Deps = {
    ...world.deps,
    chain: chain(fallback(pod("dach"))),
    archive: bucket,
    pod: (podId) => ({
      ...world.deps.pod(podId),
      release: async (seqs) => void released.push(...seqs),
    }),
    secret: (name) => settings[name] ?? null,
    fetch: async (_url, { body }) => {
      posts.push(String(body));
      return new Response("ok");
    },
    now: () => clock.now,
    newId: () => `${smallestLeadId(clock.now).slice(0, -12)}${String(++ids).padStart(12, "0")}`,
    log: (level, event, detail) => logged.push({ level, event, detail }),
    ...overrides,
  };
  const past = new Past(db);
  return {
    db,
    deps,
    bucket,
    clock,
    settings,
    released,
    logged,
    posts,
    past,
    select: (sql: string): Row[] =>
      db.sqlite
        .prepare(sql)
        .all()
        .map((row) => ({ ...row })),
    count: (table: string) =>
      Number(db.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]),
    /** Closes the days of the audit up to some days after the first. */
    closeDays: () => closeDays({ ...deps, now: () => LONG_AGO + 3 * DAY, log: () => {} }, 1_000),
    /** The cron runs until nothing more goes. */
    async tend(limits?: PartLimits, runs = 50): Promise<void> {
      for (let run = 0; run < runs; run++) {
        const before = bucket.parts().length;
        await archiveOld(deps, limits);
        if (bucket.parts().length === before) return;
      }
    },
  };
}

export type ArchiveWorld = ReturnType<typeof openArchive>;
