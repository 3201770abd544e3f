import type { Roster } from "../../src/ports/roster.ts";
import { rosterFromRow, rosterRows } from "../../src/roster/roster.ts";
import { localDay } from "../../src/roster/calendar.ts";
import type { Evidence } from "../../src/pod/claims.ts";
import type { PodChange } from "../../src/pod/storage.ts";
import { rows } from "../../src/lib/query.ts";
import { NO_BUG, plant, type Bug } from "./bug.ts";
import type { Process, Weather } from "./network.ts";
import { WatchedStorage } from "./pods.ts";
import { POD_IDS } from "./rules.ts";
import type { World } from "./world.ts";

// The rules of the protocol, each left out in turn.

/** How far a stale replica lags: longer than a claim waits to be settled. */
const LAG_MS = 60_000;

/** Faults that a bug does not need only make its runs longer. */
const CALM: Weather["faults"] = {
  fails: 0.2,
  answer_lost: 0.2,
  lands_later: 0.2,
  stalls: 1,
  killed: 0.2,
};

/** Replaces a piece of SQL where it stands. `seen` counts, so that a bug that bends nothing any more is noticed. */
function bend(sql: string, piece: string | RegExp, otherwise: string): string {
  const bent = sql.replace(piece, otherwise);
  if (bent !== sql) bends++;
  return bent;
}

let bends = 0;
/** Times any bug has bent a statement so far. */
export function countBends(): number {
  return bends;
}

const isCommit = (sql: string) =>
  sql.includes("INSERT INTO decisions") && sql.includes("admissible");
const isRollup = (sql: string) => sql.includes("INSERT INTO rollups");
const isStanding = (sql: string) => sql.includes("AS leadExists");
const isAnnouncement = (sql: string) => sql.includes("AS newestGeneration");

function evidenceBug(
  name: string,
  see: (evidence: Evidence, world: World, podId: string, seq: number) => Evidence,
): Bug {
  return plant(name, {
    pod: (world) => ({
      ...NO_BUG.pod(world),
      evidence: (find, podId) => async (id, claims, waiting) => {
        const found = await find(id, claims, waiting);
        const seen = [...found.claims].map(
          ([seq, evidence]) => [seq, see(evidence, world, podId, seq)] as const,
        );
        return { ...found, claims: new Map(seen) };
      },
    }),
  });
}

/** The decision that stands for a pod's claim. */
function decisionOf(world: World, podId: string, seq: number) {
  const claim = world
    .pod(podId)
    .storage.rowOf(seq)
    ?.claims.find((one) => one.seq === seq);
  if (!claim) return null;
  const [decision] = world.d1.read<{
    podId: string | null;
    ownerId: string | null;
    commitNo: number;
  }>(
    "SELECT pod_id AS podId, owner_id AS ownerId, commit_no AS commitNo FROM decisions WHERE lead_id = ? AND generation = ?",
    claim.leadId,
    claim.generation,
  );
  return decision === undefined ? null : { claim, decision };
}

/** Pods as the pass reaches them, with other giving back. */
function givingBack(keep: (world: World, podId: string, seq: number) => boolean): Partial<Bug> {
  return {
    deps: (deps, _process, world) => ({
      ...deps,
      pod: (podId) => {
        const port = deps.pod(podId);
        return {
          ...port,
          giveBack: (seqs) => port.giveBack(seqs.filter((seq) => keep(world, podId, seq))),
        };
      },
    }),
  };
}

const commitLog = new WeakMap<World, { at: number; no: number }[]>();

/** Number of the last commit a replica that lags knows of. */
function lastCommitOnReplica(world: World): number {
  const known = (commitLog.get(world) ?? []).filter(({ at }) => at <= world.scheduler.now - LAG_MS);
  return known.at(-1)?.no ?? 0;
}

function logCommits(world: World): void {
  const log: { at: number; no: number }[] = [];
  commitLog.set(world, log);
  const before = world.network.onEffect;
  world.network.onEffect = () => {
    before();
    const [last] = world.d1.read<{ no: number | null }>("SELECT max(no) AS no FROM commits");
    log.push({ at: world.scheduler.now, no: last?.no ?? 0 });
  };
}

const isPodOwner = (world: World, podId: string, seq: number): boolean => {
  const found = decisionOf(world, podId, seq);
  return (
    found !== null && found.decision.podId === podId && found.decision.ownerId === found.claim.repId
  );
};

const rosters = new WeakMap<Process, Map<string, Roster>>();
const looked = new WeakSet<Process>();

class ForgetfulStorage extends WatchedStorage {
  override rowOf(seq: number) {
    const row = super.rowOf(seq);
    return (
      row && {
        ...row,
        claims: row.claims.map((claim) => (claim.seq === seq ? { ...claim, open: true } : claim)),
      }
    );
  }
}

class DailyStorage extends WatchedStorage {
  override write(change: PodChange): void {
    if (change.state) {
      const today = localDay("Europe/Berlin", change.state.clock);
      for (const days of Object.values(change.state.days))
        for (const day of Object.keys(days)) if (day !== today) delete days[day];
    }
    super.write(change);
  }
}

/** The guard of the commit: the epoch is that of the facts. */
const EPOCH_GUARD = /AND (coalesce\(\?\d*, coalesce\(.*?\), 0\)\) = coalesce\(.*?\), 0\))/s;

/** The guard of the rollup's writes: the mark still stands where it was seen. */
const ROLLUP_GUARD = /WHERE \(SELECT CAST\(m\.value/;

/** A database whose rollups are written together with the token of the pass that writes them. */
function withToken(db: D1Database, token: string): D1Database {
  let writing = false;
  return new Proxy(db, {
    get(target, name) {
      if (name === "prepare")
        return (sql: string) => {
          writing ||= isRollup(sql);
          return target.prepare(sql);
        };
      if (name === "batch")
        return (statements: D1PreparedStatement[]) => {
          const written = writing;
          writing = false;
          if (!written) return target.batch(statements);
          const insert = "INSERT INTO rollup_tokens (token) VALUES (?) ON CONFLICT DO NOTHING";
          return target.batch([...statements, target.prepare(insert).bind(token)]);
        };
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

export const BUGS: readonly Bug[] = [
  evidenceBug('alarm gives back on "no decision"', (evidence) =>
    evidence === "undecided" ? "lead_gone" : evidence,
  ),
  {
    ...evidenceBug("the same, asking a stale replica", (evidence, world, podId, seq) => {
      const found = decisionOf(world, podId, seq);
      const known = found !== null && found.decision.commitNo <= lastCommitOnReplica(world);
      return known ? evidence : "lead_gone";
    }),
    prepare: logCommits,
  },
  {
    ...evidenceBug("decision identified by (lead, generation) only", (evidence) =>
      evidence === "names_another" ? "names_this_claim" : evidence,
    ),
    ...givingBack(() => false),
  },
  {
    ...evidenceBug("decision identified by (pod, owner)", (evidence, world, podId, seq) =>
      isPodOwner(world, podId, seq) ? "names_this_claim" : evidence,
    ),
    ...givingBack((world, podId, seq) => !isPodOwner(world, podId, seq)),
  },
  plant("claim released on a commit error", {
    deps: (deps) => {
      const claimed = new Map<string, number[]>();
      return {
        ...deps,
        pod: (podId) => {
          const port = deps.pod(podId);
          return {
            ...port,
            async claim(request, epoch) {
              const answer = await port.claim(request, epoch);
              if (answer.outcome === "drawn") {
                const seqs = answer.results.flatMap((one) =>
                  one.outcome === "claimed" ? [one.seq] : [],
                );
                claimed.set(podId, [...(claimed.get(podId) ?? []), ...seqs]);
              }
              return answer;
            },
          };
        },
        db: new Proxy(deps.db, {
          get(target, name) {
            if (name !== "batch") {
              const member: unknown = Reflect.get(target, name);
              return typeof member === "function" ? member.bind(target) : member;
            }
            return async (statements: D1PreparedStatement[]) => {
              try {
                return await target.batch(statements);
              } catch (error) {
                for (const [podId, seqs] of claimed) await deps.pod(podId).giveBack(seqs);
                throw error;
              }
            };
          },
        }),
      };
    },
  }),
  plant("no re-route intent", {
    sql: (sql) => {
      if (isCommit(sql)) return bend(sql, "p.generation = 1 OR EXISTS", "TRUE OR EXISTS");
      if (isStanding(sql)) return bend(sql, "k.value ->> 1 = 1 OR EXISTS", "TRUE OR EXISTS");
      return sql.includes("'excluded', CASE")
        ? bend(sql, "e.commit_no =", "FALSE AND e.commit_no =")
        : sql;
    },
  }),
  plant("open slot freed before n+1 is decided", {
    onReroute: (world, leadId, generation) => {
      const [claim] = world.d1.read<{ podId: string; seq: number }>(
        "SELECT pod_id AS podId, claim_seq AS seq FROM decisions WHERE lead_id = ? AND generation = ? AND pod_id IS NOT NULL",
        leadId,
        generation,
      );
      if (claim) world.pod(claim.podId).core().release([claim.seq]);
    },
  }),
  plant("no release row", {
    sql: (sql) =>
      sql.includes("before.claim_seq IS NOT NULL")
        ? bend(sql, "before.claim_seq IS NOT NULL", "FALSE")
        : sql,
  }),
  plant("release not once per claim", {
    pod: (world) => ({ ...NO_BUG.pod(world), storage: () => new ForgetfulStorage() }),
  }),
  plant("mark = highest id", {
    sql: (sql) =>
      sql.includes("UPDATE marks")
        ? bend(
            sql,
            /\(SELECT max\(id\) FROM \(/,
            "(SELECT max(id) FROM leads WHERE id IN (SELECT id FROM leads) OR id IN (",
          )
        : sql,
  }),
  plant("lagging mark, no trigger", {
    prepare: (world) => world.d1.base.sqlite.exec("DROP TRIGGER leads_behind_the_mark"),
  }),
  plant("sweep looks and moves the mark in two calls", {
    // A lead has to come, by a slow clock and without its message, just between the two.
    weather: (drawn) => ({
      ...drawn,
      faults: { ...drawn.faults, stalls: 4 },
      services: { ...drawn.services, queue: 20 },
      slowClocks: 0.9,
      slowest: 600_000,
    }),
    cut: (sqls) => {
      const at = sqls.findIndex((sql) => /UPDATE marks.*'sweep'/s.test(sql));
      return at > 0 ? at : null;
    },
  }),
  plant("roster passed by the consumer, not held", {
    deps: (deps, process, world) => {
      const held = new Map<string, Roster>();
      rosters.set(process, held);
      void rows(world.d1.base, rosterRows(POD_IDS, world.scheduler.now)).then((found) => {
        for (const row of found) held.set(row.pod_id, rosterFromRow(row));
      });
      return deps;
    },
    pod: (world) => ({
      ...NO_BUG.pod(world),
      beforeClaim: (process, podId, core) => {
        const roster = rosters.get(process)?.get(podId);
        if (roster) core.accept({ ...roster, version: core.snapshot().version + 1 });
      },
    }),
  }),
  plant("day counter reset on change of day", {
    pod: (world) => ({ ...NO_BUG.pod(world), storage: () => new DailyStorage() }),
  }),
  plant("cap of a person read from facts", {
    sql: (sql, process) =>
      isCommit(sql)
        ? bend(
            sql,
            "AND d.day = admissible.day",
            `AND d.day = admissible.day AND d.commit_no <= ${process.startCommit}`,
          )
        : sql,
  }),
  plant("account owner checked from facts only", {
    weather: (drawn) => ({ ...drawn, faults: { ...drawn.faults, stalls: 4 } }),
    sql: (sql) => (isCommit(sql) ? bend(sql, "p.body ->> 'ownerRev' IS NULL", "TRUE") : sql),
  }),
  plant("spilled key conflict throws", {
    prepare: (world) => world.d1.base.sqlite.exec("DROP TRIGGER leads_keep_first"),
    sql: (sql) =>
      sql.includes("INSERT INTO leads") && sql.includes("json_each")
        ? bend(sql, "ON CONFLICT DO NOTHING", "ON CONFLICT (id) DO NOTHING")
        : sql,
  }),
  plant("dead letters overwrite", {
    prepare: (world) => world.d1.base.sqlite.exec("DROP TRIGGER decisions_keep_first"),
    sql: (sql, process) => {
      if (!process.name.startsWith("dead leads")) return sql;
      if (isStanding(sql) && !looked.has(process)) {
        looked.add(process);
        return bend(sql, "d.generation = k.value ->> 1", "FALSE");
      }
      if (!isCommit(sql)) return sql;
      const unguarded = bend(
        sql,
        "WHERE NOT EXISTS (SELECT 1 FROM decisions",
        "WHERE TRUE OR NOT EXISTS (SELECT 1 FROM decisions",
      );
      return bend(unguarded, "INSERT INTO decisions", "INSERT OR REPLACE INTO decisions").replace(
        "ON CONFLICT (lead_id, generation) DO NOTHING",
        "",
      );
    },
  }),
  plant("erase deletes instead of deciding", {
    prepare: (world) => world.d1.base.sqlite.exec("DROP TRIGGER leads_refuse_delete"),
    sql: (sql) => {
      if (sql.includes("erased before it was decided"))
        return bend(sql, "WHERE e.subject_type", "WHERE FALSE AND e.subject_type");
      return sql.includes("UPDATE leads SET email = NULL")
        ? bend(
            sql,
            /UPDATE leads SET email = NULL.*erased_at = (\?\d*)\s+WHERE/s,
            "DELETE FROM leads WHERE $1 > 0 AND",
          )
        : sql;
    },
  }),
  plant("rollups unconditional", {
    sql: (sql) =>
      isRollup(sql) ? bend(sql, ROLLUP_GUARD, "WHERE TRUE OR (SELECT CAST(m.value") : sql,
  }),
  plant("rollups by a token per pass", {
    prepare: (world) =>
      world.d1.base.sqlite.exec("CREATE TABLE rollup_tokens (token TEXT PRIMARY KEY)"),
    deps: (deps, process) => ({ ...deps, db: withToken(deps.db, process.name) }),
    sql: (sql, process) =>
      isRollup(sql)
        ? bend(
            sql,
            ROLLUP_GUARD,
            `WHERE '${process.name}' NOT IN (SELECT token FROM rollup_tokens) OR (SELECT CAST(m.value`,
          )
        : sql,
  }),
  plant("ack without sending what is un-notified", {
    sql: (sql, process) =>
      isStanding(sql) && process.name.startsWith("router")
        ? bend(sql, ") AS notified", ") OR TRUE AS notified")
        : sql,
  }),
  plant("restore without an epoch", {
    prepare: (world) => {
      world.restores = 1;
      world.beginsEpoch = false;
    },
  }),
  plant("restore without a commit that checks the epoch", {
    // A pass has to be between its claim and its commit while D1 is set back.
    weather: (drawn) => ({
      ...drawn,
      faults: { ...CALM, stalls: 8 },
      services: { ...drawn.services, pod: 4 },
    }),
    prepare: (world) => {
      world.restores = 1;
    },
    sql: (sql) => (isCommit(sql) ? bend(sql, EPOCH_GUARD, "AND (TRUE OR $1)") : sql),
  }),
  plant("no look before posting a notification", {
    sql: (sql) => (isAnnouncement(sql) ? bend(sql, ") AS ended", ") AND FALSE AS ended") : sql),
  }),
];
