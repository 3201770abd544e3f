import { chain, fallback, pod } from "lead-router";
import { describe, expect, it } from "vitest";
import { readPodDecisions, type PodDecision } from "../../src/record/pod-decisions.ts";
import type { DecisionKey } from "../../src/record/decision-key.ts";
import { EpochGate } from "../../src/pod/rebuild.ts";
import { PodCore } from "../../src/pod/pod.ts";
import { UNITS_PER_LEAD } from "../../src/pod/ledger.ts";
import { apiClient, READER } from "../ops/api/api-client.ts";
import { MemoryPodStorage } from "../pod/memory-storage.ts";
import { member, roster } from "../pod/rosters.ts";
import { Desk } from "../routing/desk.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const DAY = "2026-03-02";
const EPOCH = 1_000;

function openPod() {
  const storage = new MemoryPodStorage();
  const start = () =>
    new PodCore(
      { id: "dach", settings: {} },
      storage,
      () => NOON,
      async () => ({ claims: new Map(), over: [] }),
      storage.alarmAt,
    );
  const core = start();
  core.accept(roster(3, member("ana"), member("bo"), member("cy")));
  return { core, start, storage };
}

function claim(core: PodCore, ...leadIds: string[]) {
  const wanted = leadIds.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  const answer = core.claim({ version: 0, wanted, full: [] });
  if (answer.outcome !== "drawn") throw new Error(answer.outcome);
  return answer.results.map((one) => (one.outcome === "claimed" ? one.repId : null));
}

function decision(claimSeq: number, ownerId: string, changes: Partial<PodDecision> = {}) {
  const decided = { leadId: `l${claimSeq}`, generation: 1, claimSeq, ownerId, day: DAY };
  return { ...decided, decidedAt: NOON, open: 1, ...changes } satisfies PodDecision;
}

function recount(
  core: PodCore,
  decisions: readonly PodDecision[],
  after = roster(2, member("ana"), member("bo")),
) {
  const counting = core.beginRecount();
  for (const one of decisions) core.count(counting, [one]);
  core.adoptRecount(counting, { roster: after, over: [] }, EPOCH);
}

const shown = (core: PodCore) => {
  const { members, ...rest } = core.snapshot();
  return {
    ...rest,
    members: members.map(({ repId, count, open, received }) => [repId, count, open, received]),
    sum: members.reduce((sum, { balance }) => sum + balance, 0),
  };
};

describe("a pod that counts anew", () => {
  it("has what the decisions say: counts, open leads, what each received, and the roster though it is older", () => {
    const { core, start } = openPod();
    claim(core, "l1", "l2", "l3", "l4", "l5");
    recount(core, [decision(1, "ana"), decision(2, "bo", { open: 0 })]);
    const expected = {
      version: 2,
      standing: 2,
      held: 0,
      members: [
        ["ana", 1, 1, 1],
        ["bo", 1, 0, 1],
      ],
      sum: 0,
    };
    expect(shown(core)).toMatchObject(expected);
    expect(shown(start())).toMatchObject(expected);
    expect(start().epoch).toBe(EPOCH);
  });

  it("takes back, to the unit, what claims moved that became no decision", () => {
    const { core } = openPod();
    const all = roster(3, member("ana"), member("bo"), member("cy"));
    expect(claim(core, "l1")).toEqual(["ana"]);
    recount(core, [], all);
    expect(core.snapshot().members.map(({ balance }) => balance)).toEqual([0, 0, 0]);
    claim(core, "l2");
    recount(core, [decision(2, "ana")], all);
    expect(
      core.snapshot().members.map(({ balance }) => Math.round((3 * balance) / UNITS_PER_LEAD)),
    ).toContain(-2);
  });

  it("numbers claims above all that ever were, also when its own storage was lost", () => {
    const { core } = openPod();
    recount(core, [decision(40, "ana")]);
    const answer = core.claim({
      version: 0,
      wanted: [{ leadId: "new", generation: 1, excluded: {} }],
      full: [],
    });
    expect(answer).toMatchObject({ results: [{ seq: 41 }] });
  });

  it("frees an open slot that it knows from a decision alone, once", () => {
    const { core } = openPod();
    recount(core, [decision(7, "bo"), decision(3, "ana")]);
    core.release([7]);
    core.release([7]);
    expect(shown(core).members).toEqual(
      [
        ["ana", 1, 1, 1 - 1],
        ["bo", 1, 0, 0],
      ].map(([id, count, open]) => [id, count, open, expect.any(Number)]),
    );
  });

  it("forgets what an earlier counting, broken off, had set aside", () => {
    const { core } = openPod();
    core.count(core.beginRecount(), [decision(9, "ana")]);
    recount(core, [decision(1, "ana", { open: 0 })]);
    core.release([9]);
    expect(shown(core)).toMatchObject({
      standing: 1,
      members: [
        ["ana", 1, 0, expect.any(Number)],
        ["bo", 0, 0, 0],
      ],
    });
  });
});

describe("calls of different epochs", () => {
  it("wait while the pod counts when they are newer, and are refused when they are older", async () => {
    const { core } = openPod();
    const { promise, resolve } = Promise.withResolvers<void>();
    let countings = 0;
    const gate = new EpochGate(core, async () => {
      countings++;
      await promise;
      recount(core, []);
    });
    expect(await gate.at(0, () => "served")).toBe("served");
    const waiting = [gate.at(EPOCH, () => core.epoch), gate.at(EPOCH, () => core.epoch)];
    await expect(gate.at(0, () => "served")).rejects.toThrow("later epoch");
    resolve();
    expect(await Promise.all(waiting)).toEqual([EPOCH, EPOCH]);
    expect(countings).toBe(1);
    await expect(gate.at(0, () => "served")).rejects.toThrow("later epoch");
  });

  it("have the pod count at the next call when D1 could not be read", async () => {
    const { core } = openPod();
    let tries = 0;
    const gate = new EpochGate(core, async () => {
      if (++tries === 1) throw new Error("D1_ERROR: Network connection lost.");
      recount(core, []);
    });
    await expect(gate.at(EPOCH, () => "served")).rejects.toThrow("connection lost");
    expect(await gate.at(EPOCH, () => "served")).toBe("served");
  });
});

it("reads a pod's decisions in pages, whatever lies between", async () => {
  const desk = new Desk();
  desk.addRep("bo");
  for (let n = 1; n <= 7; n++) {
    const id = await desk.addLead(n);
    const podId = n % 2 === 0 ? "sdr" : "dach";
    if (n === 5) await desk.decide(id, null);
    else await desk.decide(id, "bo", { podId, claimSeq: n });
  }
  const found: number[] = [];
  let after: DecisionKey | null = null;
  let pages = 0;
  do {
    const page = await readPodDecisions(desk.db, "dach", after, 2);
    found.push(...page.decisions.map(({ claimSeq }) => claimSeq));
    after = page.next;
    pages++;
  } while (after !== null);
  expect(found).toEqual([1, 3, 7]);
  expect(pages).toBe(4);
});

describe("POST /api/pods/rebuild", () => {
  function openDesk(
    catchUp: (epoch: number) => Promise<{ epoch: number; standing: number; version: number }>,
  ) {
    const desk = new Desk();
    const deps = { ...desk.deps, chain: chain(fallback(pod("sdr"))) };
    const one = deps.pod("sdr");
    const call = apiClient({ ...deps, pod: () => ({ ...one, catchUp }) });
    return {
      desk,
      rebuild: (body: unknown = { reason: "a wrong import" }) =>
        call("POST", "/pods/rebuild", body),
    };
  }

  it("begins an epoch, shows it to every pod, and has it in the audit", async () => {
    const epochs: number[] = [];
    const { desk, rebuild } = openDesk(async (epoch) => {
      epochs.push(epoch);
      return { epoch, standing: 4, version: 2 };
    });
    const { status, json } = await rebuild({
      reason: "a wrong import",
      to: "2026-11-22T10:00:00Z",
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ pods: [{ podId: "sdr", outcome: "rebuilt", claims: 4 }] });
    expect(desk.select("SELECT value FROM marks WHERE name = 'epoch'")).toEqual([
      { value: String(epochs[0]) },
    ]);
    expect(desk.events()).toEqual(["epoch_begun"]);
    await rebuild();
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? Infinity);
  });

  it.each([["staging"], [null]])(
    "says with dryRun that it is %s, and begins nothing",
    async (name) => {
      const { desk } = openDesk(() => Promise.reject(new Error("nobody was to be asked")));
      const secret = (variable: string) => (variable === "ENVIRONMENT" ? name : null);
      const call = apiClient({ ...desk.deps, secret });
      const { json } = await call("POST", "/pods/rebuild", { reason: "a restore", dryRun: true });
      expect(json).toEqual({ environment: name, epoch: null, pods: [] });
      expect(desk.select("SELECT value FROM marks WHERE name = 'epoch'")).toEqual([{ value: "0" }]);
      expect(desk.events()).toEqual([]);
    },
  );

  it("lets nobody ask who may only read", async () => {
    const { desk } = openDesk(() => Promise.reject(new Error("nobody was to be asked")));
    const call = apiClient(desk.deps);
    const body = { reason: "npm run restore", dryRun: true };
    const { status } = await call("POST", "/pods/rebuild", body, { Authorization: READER });
    expect(status).toBe(403);
  });

  it("says of a pod that does not answer that it counts later", async () => {
    const { rebuild } = openDesk(() => Promise.reject(new Error("Network connection lost.")));
    expect((await rebuild()).json).toMatchObject({
      pods: [{ podId: "sdr", outcome: "later", cause: "Network connection lost" }],
    });
  });

  it("begins a later epoch than one that a pod has lived in and D1 has forgotten", async () => {
    const { desk, rebuild } = openDesk(async (epoch) => ({
      epoch: Math.max(epoch, 9e12),
      standing: 0,
      version: 1,
    }));
    expect((await rebuild()).status).toBe(200);
    expect(desk.select("SELECT value FROM marks WHERE name = 'epoch'")).toEqual([
      { value: String(9e12 + 1) },
    ]);
  });

  it("has every lead that waits for a decision tried at once", async () => {
    const { desk, rebuild } = openDesk(async (epoch) => ({ epoch, standing: 0, version: 1 }));
    const id = await desk.addLead(1);
    desk.db.sqlite
      .prepare(
        "INSERT INTO pending (lead_id, generation, kind, due, tries) VALUES (?, 1, 'route', ?, 0)",
      )
      .run(id, 9e15);
    await rebuild();
    expect(desk.select("SELECT due FROM pending")).toEqual([{ due: desk.deps.now() }]);
  });

  it.each([
    [{}],
    [{ reason: "" }],
    [{ reason: "x", to: "yesterday" }],
    [{ reason: "x", from: 1 }],
    [{ reason: "x", dryRun: "yes" }],
  ])("refuses %j", async (body) => {
    const { rebuild } = openDesk(async (epoch) => ({ epoch, standing: 0, version: 1 }));
    expect((await rebuild(body)).status).toBe(422);
  });
});
