import { pod } from "../../src/rules/index.ts";
import { PodCore } from "../../src/pod/pod.ts";
import { SqlPodStorage } from "../../src/pod/sql-storage.ts";
import type { PodStorage } from "../../src/pod/storage.ts";
import { MemoryPodStorage } from "../../test/pod/memory-storage.ts";
import { member, roster } from "../../test/pod/rosters.ts";
import type { Bench, Figure } from "../bench.ts";
import { alternate } from "../rounds.ts";
import { openObjectStorage } from "./sqlite-object.ts";

const MEMBERS = [10, 100, 1_000];
const BATCHES = [1, 100];
const ROUNDS = 7;
/** Claims of one round: some tenths of a second even by a thousand members. */
const CLAIMS = 100;
const NOW = Date.UTC(2026, 10, 22, 9, 30);

/** Claims a second of one pod, and the bytes that it keeps. */
export const ledgerBench: Bench = {
  name: "ledger",
  async run(progress) {
    const figures: Figure[] = [];
    const rows: (string | number)[][] = [];
    for (const members of MEMBERS) {
      for (const batch of BATCHES) {
        progress(`${members} members, ${batch} at a time`);
        const { subject, reference } = await alternate(
          ROUNDS,
          async () => drawAll(openPod(members, openSqlStorage().storage), batch),
          async () => drawAll(openPod(members, new MemoryPodStorage()), batch),
        );
        figures.push({
          name: `claims by ${members} members, ${batch} at a time`,
          unit: "claims/s",
          value: subject.value,
          spread: subject.spread,
          reference: { name: "storage in memory", value: reference.value },
        });
      }
      const bytes = weigh(members);
      rows.push([members, bytes.state, bytes.roster, bytes.claim, bytes.batch]);
    }
    return {
      title: "The ledger",
      intro: `One pod as its Durable Object runs it (PodCore, its SQL storage over SQLite in memory): every member eligible with caps by day, ${CLAIMS} claims a round, one at a time and a hundred at a time, each claim with its full list of candidates. The reference is the same pod with a storage that keeps JSON in memory: the difference is what SQLite takes.`,
      figures,
      tables: [
        {
          title: "What a pod keeps, in bytes of JSON",
          columns: ["members", "state", "roster", "a held claim", "written for a batch of 100"],
          rows,
        },
      ],
      limits: [
        "A claim looks at every member (O(members)); a call copies and writes the state once, so that a batch shares it.",
        "In production a Durable Object serves 200 to 500 requests a second with writes: in batches of 100 that is far above what D1 commits, and the ledger's own time is what is left of it. A pod of a thousand members is better split: its trails name 50 at most anyway.",
      ],
    };
  },
};

function openSqlStorage() {
  const { storage, sqlite } = openObjectStorage();
  return { storage: new SqlPodStorage(storage), sqlite };
}

function openPod(members: number, storage: PodStorage): PodCore {
  const nothingFound = async () => ({ claims: new Map(), over: [] });
  const core = new PodCore(
    pod("dach", { dailyCap: 1_000 }),
    storage,
    () => NOW,
    nothingFound,
    null,
  );
  core.accept(
    roster(
      1,
      ...Array.from({ length: members }, (_, n) =>
        member(`rep-${n}`, { timeZone: "Europe/Berlin" }),
      ),
    ),
  );
  return core;
}

/** Draws for CLAIMS leads, so many a call. Yields claims a second. */
function drawAll(core: PodCore, batch: number): number {
  const start = performance.now();
  for (let first = 0; first < CLAIMS; first += batch) drawBatch(core, first, batch);
  return (CLAIMS * 1000) / (performance.now() - start);
}

function drawBatch(core: PodCore, first: number, batch: number): void {
  const wanted = Array.from({ length: batch }, (_, n) => ({
    leadId: `01990000-0000-7000-8000-${(first + n).toString(16).padStart(12, "0")}`,
    generation: 1,
    excluded: {},
  }));
  const answer = core.claim({ version: 1, wanted, full: [] });
  const drawn = answer.outcome === "drawn" ? answer.results : [];
  if (drawn.filter(({ outcome }) => outcome === "claimed").length !== batch)
    throw new Error("a claim was not drawn");
}

/** Bytes of JSON in the pod's tables after a batch of 100. */
function weigh(members: number) {
  const { storage, sqlite } = openSqlStorage();
  drawBatch(openPod(members, storage), 0, 100);
  const bytes = (sql: string) => Number(sqlite.prepare(`SELECT ${sql} AS n`).get()?.["n"]);
  const state = bytes("(SELECT length(value) FROM pod WHERE name = 'state')");
  const claims = bytes("(SELECT sum(length(claims)) FROM claims)");
  return {
    state,
    roster: bytes("(SELECT length(value) FROM pod WHERE name = 'roster')"),
    claim: Math.round(claims / 100),
    batch: state + claims,
  };
}
