import { describe, expect, it } from "vitest";
import { PodCore } from "../../src/pod/pod.ts";
import type { ClaimAnswer, ClaimResult } from "../../src/ports/pod.ts";
import type { Evidence } from "../../src/pod/claims.ts";
import type { PodSettings } from "../../src/rules/pod.ts";
import type { DecisionKey } from "../../src/record/decision-key.ts";
import { MemoryPodStorage } from "./memory-storage.ts";
import { member, roster } from "./rosters.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const HOUR = 3_600_000;

/** A pod on storage that survives it, with a clock and evidence that the test sets. */
function openPod(settings: PodSettings = {}) {
  const storage = new MemoryPodStorage();
  const world = {
    now: NOON,
    evidence: new Map<number, Evidence>(),
    over: [] as DecisionKey[],
    /** Claims in each question to D1. */
    asked: [] as number[],
    storage,
  };
  const start = () =>
    new PodCore(
      { id: "dach", settings },
      storage,
      () => world.now,
      async (_podId, claims) => {
        world.asked.push(claims.length);
        return {
          claims: new Map(claims.map(({ seq }) => [seq, world.evidence.get(seq) ?? "undecided"])),
          over: world.over,
        };
      },
      storage.alarmAt,
    );
  return { world, start, pod: start() };
}

function wanted(leadId: string, excluded: Record<string, string> = {}, generation = 1) {
  return { leadId, generation, excluded };
}

function ask(pod: PodCore, ...leads: ReturnType<typeof wanted>[]): ClaimResult[] {
  return resultsOf(pod.claim({ version: 1, wanted: leads, full: [] }));
}

function resultsOf(answer: ClaimAnswer): ClaimResult[] {
  if (answer.outcome !== "drawn") throw new Error(`expected a draw, got ${answer.outcome}`);
  return [...answer.results];
}

function winner(result: ClaimResult | undefined): string | null {
  return result?.outcome === "claimed" ? result.repId : null;
}

const trio = roster(1, member("ana"), member("bo"), member("cy"));

describe("a pod", () => {
  it("draws for all leads of a call in turn, and explains each draw", () => {
    const { pod } = openPod({ dailyCap: 5 });
    pod.accept(trio);
    const results = ask(pod, wanted("l1"), wanted("l2"), wanted("l3"), wanted("l4"));
    expect(results.map(winner)).toEqual(["ana", "bo", "cy", "ana"]);
    expect(results[3]).toMatchObject({
      seq: 4,
      day: "2026-03-02",
      claimedAt: NOON,
      runnerUp: "bo",
      candidates: [
        {
          repId: "ana",
          eligibility: "eligible",
          reason: "has 1 of 5 leads today",
          count: 1,
          cap: 5,
        },
        { repId: "bo", eligibility: "eligible" },
        { repId: "cy", eligibility: "eligible" },
      ],
    });
  });

  it("tells each candidate's balance before and after: what all gained, the picked one paid", () => {
    const { pod } = openPod();
    pod.accept(
      roster(1, member("ana", { weight: 2 }), member("bo"), member("cy", { active: false })),
    );
    const [result] = ask(pod, wanted("l1"));
    expect(result?.candidates).toMatchObject([
      { repId: "ana", balance: 0, balanceAfter: 666_666_666 - 999_999_999 },
      { repId: "bo", balance: 0, balanceAfter: 333_333_333 },
      { repId: "cy", balance: 0, balanceAfter: 0 },
    ]);
  });

  it("repeats an unreturned claim as it was and moves nothing", () => {
    const { pod } = openPod();
    pod.accept(trio);
    const [first] = ask(pod, wanted("l1"));
    const before = pod.snapshot();
    expect(ask(pod, wanted("l1"))).toEqual([first]);
    expect(pod.snapshot()).toEqual(before);
  });

  it("answers the same after an eviction: storage is the truth", () => {
    const { pod, start } = openPod();
    pod.accept(trio);
    const [first] = ask(pod, wanted("l1"));
    const before = pod.snapshot();
    const again = start();
    expect(again.snapshot()).toEqual(before);
    expect(ask(again, wanted("l1"))).toEqual([first]);
  });

  it("says that it is behind instead of drawing by an old roster, and ignores an older one", () => {
    const { pod } = openPod();
    expect(pod.claim({ version: 1, wanted: [wanted("l1")], full: [] })).toEqual({
      outcome: "behind",
      version: 0,
    });
    pod.accept(roster(2, member("bo")));
    expect(pod.accept(roster(1, member("ana")))).toBe(2);
    expect(ask(pod, wanted("l1")).map(winner)).toEqual(["bo"]);
  });

  it("never goes over a cap: the member's own before the pod's, 0 takes nothing", () => {
    const { pod } = openPod({ dailyCap: 2 });
    pod.accept(
      roster(1, member("ana"), member("bo", { dailyCap: 1 }), member("cy", { dailyCap: 0 })),
    );
    const results = ask(pod, ...Array.from({ length: 4 }, (_, at) => wanted(`l${at}`)));
    expect(results.map(winner)).toEqual(["ana", "bo", "ana", null]);
    expect(results[3]).toMatchObject({
      outcome: "nobody",
      candidates: [
        {
          repId: "ana",
          eligibility: "at_daily_cap",
          reason: "has 2 of 2 leads today, until 2026-03-03 00:00 UTC",
        },
        {
          repId: "bo",
          eligibility: "at_daily_cap",
          reason: "has 1 of 1 leads today, until 2026-03-03 00:00 UTC",
        },
        { repId: "cy", eligibility: "at_daily_cap", reason: "has 0 of 0 leads today" },
      ],
    });
  });

  it("counts by the rep's own calendar day, never the pod's", () => {
    const { pod, world } = openPod({ dailyCap: 1 });
    pod.accept(
      roster(
        1,
        member("tokyo", { timeZone: "Asia/Tokyo" }),
        member("oslo", { timeZone: "Europe/Oslo" }),
      ),
    );
    expect(ask(pod, wanted("l1"), wanted("l2"), wanted("l3")).map(winner)).toEqual([
      "tokyo",
      "oslo",
      null,
    ]);
    world.now = Date.UTC(2026, 2, 2, 15, 30); // 00:30 in Tokyo, still the same day in Oslo
    expect(ask(pod, wanted("l4"), wanted("l5")).map(winner)).toEqual(["tokyo", null]);
  });

  it("skips who is away, overlapping absences taken together, and says until when", () => {
    const { pod, world } = openPod();
    const absences = [
      { from: NOON - HOUR, until: NOON + HOUR },
      { from: NOON, until: NOON + 2 * HOUR },
    ];
    pod.accept(roster(1, member("ana", { absences, timeZone: "Europe/Berlin" }), member("bo")));
    const [result] = ask(pod, wanted("l1"));
    expect(winner(result)).toBe("bo");
    expect(result?.candidates[0]).toMatchObject({
      eligibility: "absent",
      reason: "is away until 2026-03-02 15:00 Europe/Berlin",
    });
    world.now = NOON + 2 * HOUR;
    expect(ask(pod, wanted("l2")).map(winner)).toEqual(["ana"]);
  });

  it("passes an excluded rep over and keeps their earlier claim until a decision exists", () => {
    const { pod } = openPod();
    pod.accept(trio);
    ask(pod, wanted("l1"));
    expect(ask(pod, wanted("l1", { ana: "has it now" })).map(winner)).toEqual(["bo"]);
    expect(pod.snapshot().held).toBe(2);
  });

  it("comes to the one who is free, however many D1 finds full: a retry is not told those again", () => {
    const { pod } = openPod();
    const many = Array.from({ length: 30 }, (_, at) => member(`full-${at}`, { ownDailyCap: 5 }));
    pod.accept(roster(1, ...many, member("free", { weight: 1 })));
    const told: (string | null)[] = [];
    // Each call as a new pass makes it: what D1 refused is known to the pod alone.
    for (let call = 0; call <= many.length && told.at(-1) !== "free"; call++) {
      const last = told.at(-1);
      const full = last ? [{ repId: last, day: "2026-03-02" }] : [];
      const results = resultsOf(pod.claim({ version: 1, wanted: [wanted("l1")], full }));
      told.push(winner(results[0]));
    }
    expect(told.at(-1)).toBe("free");
    expect(new Set(told).size).toBe(told.length);
  });

  it("takes D1's word that a person is full for the day", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana", { ownDailyCap: 20 }), member("bo")));
    const answer = pod.claim({
      version: 1,
      wanted: [wanted("l1")],
      full: [{ repId: "ana", day: "2026-03-02" }],
    });
    expect(resultsOf(answer).map(winner)).toEqual(["bo"]);
    pod.accept(roster(2, member("ana", { ownDailyCap: 30 }), member("bo")));
    expect(winner(resultsOf(pod.claim({ version: 2, wanted: [wanted("l2")], full: [] }))[0])).toBe(
      "ana",
    );
  });

  it("never lets its clock run backwards", () => {
    const { pod, world } = openPod();
    pod.accept(trio);
    ask(pod, wanted("l1"));
    world.now = NOON - HOUR;
    expect(ask(pod, wanted("l2"))[0]).toMatchObject({ claimedAt: NOON });
  });

  it("does not believe a clock that was a day ahead for ever", () => {
    const { pod, world } = openPod({ dailyCap: 1 });
    pod.accept(roster(1, member("ana")));
    world.now = NOON + 365 * 24 * HOUR;
    ask(pod, wanted("l1"));
    world.now = NOON + 24 * HOUR;
    expect(ask(pod, wanted("l2"))).toMatchObject([{ repId: "ana", claimedAt: NOON + 24 * HOUR }]);
  });

  it("gives back a claim to the unit, and only once", () => {
    const { pod } = openPod({ dailyCap: 5 });
    pod.accept(trio);
    const before = pod.snapshot();
    const [lost] = ask(pod, wanted("l1"));
    if (lost?.outcome !== "claimed") throw new Error("expected a claim");
    pod.giveBack([lost.seq]);
    pod.giveBack([lost.seq]);
    expect(pod.snapshot().members).toEqual(before.members);
  });

  it("frees an open slot once, before or after the claim is settled", async () => {
    const { pod, world } = openPod({ openCap: 1 });
    pod.accept(roster(1, member("ana")));
    expect(ask(pod, wanted("l1"), wanted("l2")).map(winner)).toEqual(["ana", null]);
    pod.release([1]);
    pod.release([1]);
    expect(ask(pod, wanted("l3"), wanted("l4")).map(winner)).toEqual(["ana", null]);
    world.evidence.set(1, "names_this_claim").set(2, "names_this_claim");
    await pod.settleHeld();
    pod.release([2]);
    pod.release([2]);
    expect(ask(pod, wanted("l5"), wanted("l6")).map(winner)).toEqual(["ana", null]);
  });
});

describe("a pod's alarm", () => {
  it("is armed in the write of the claim", () => {
    const { pod, world } = openPod();
    pod.accept(trio);
    expect(world.storage.alarmAt).toBeNull();
    ask(pod, wanted("l1"));
    expect(world.storage.alarmAt).toBe(NOON + 30_000);
  });

  it("settles what D1 decided, gives back what another claim won, and keeps what is undecided", async () => {
    const { pod, world, start } = openPod();
    pod.accept(trio);
    ask(pod, wanted("l1"), wanted("l2"), wanted("l3"));
    world.evidence.set(1, "names_this_claim").set(2, "names_another");
    await pod.settleHeld();
    const { held, members } = pod.snapshot();
    expect(held).toBe(1);
    expect(members.map(({ repId, count }) => [repId, count])).toEqual([
      ["ana", 1],
      ["bo", 0],
      ["cy", 1],
    ]);
    expect(world.storage.alarmAt).toBe(NOON + 60_000);

    world.evidence.set(3, "lead_gone");
    await start().settleHeld();
    expect(start().snapshot()).toMatchObject({
      held: 0,
      members: [{ count: 1 }, { count: 0 }, { count: 0 }],
    });
  });

  it("looks at all it holds, page by page, however many stay undecided", async () => {
    const { pod, world } = openPod();
    pod.accept(trio);
    ask(pod, ...Array.from({ length: 2200 }, (_, at) => wanted(`l${at}`)));
    for (let seq = 2001; seq <= 2200; seq++) world.evidence.set(seq, "names_another");
    await pod.settleHeld();
    expect(world.storage.alarmAt).toBe(NOON + 1000);
    expect(pod.snapshot().held).toBe(2200);
    await pod.settleHeld();
    expect(world.storage.alarmAt).toBe(NOON + 60_000);
    expect(pod.snapshot().held).toBe(2000);
  });

  it("keeps pace with a burst: 2,000 claims a run, D1 asked about 500 at once", async () => {
    const { pod, world } = openPod();
    pod.accept(trio);
    ask(pod, ...Array.from({ length: 2200 }, (_, at) => wanted(`l${at}`)));
    for (let seq = 1; seq <= 2200; seq++) world.evidence.set(seq, "names_this_claim");
    await pod.settleHeld();
    expect(world.asked).toEqual([500, 500, 500, 500]);
    expect(pod.snapshot().held).toBe(200);
  });

  it("holds a claim without a decision for ever: absence is no evidence", async () => {
    const { pod, world } = openPod();
    pod.accept(trio);
    ask(pod, wanted("l1"));
    for (let day = 0; day < 40; day++) {
      world.now += 24 * HOUR;
      await pod.settleHeld();
    }
    expect(pod.snapshot().held).toBe(1);
  });
});

describe("a pod's roster", () => {
  it("starts a joiner at zero and spreads a leaver's balance: the ledger sums to zero throughout", () => {
    const { pod } = openPod();
    pod.accept(trio);
    ask(pod, ...Array.from({ length: 7 }, (_, at) => wanted(`l${at}`)));
    const sum = () => pod.snapshot().members.reduce((total, { balance }) => total + balance, 0);
    pod.accept(roster(2, member("ana"), member("cy", { weight: 3 }), member("dee", { weight: 2 })));
    expect(pod.snapshot().members.find(({ repId }) => repId === "dee")?.received).toBe(0);
    expect(sum()).toBe(0);
    pod.giveBack([2, 5]); // bo's claims, who has left
    expect(sum()).toBe(0);
    pod.accept(roster(3));
    expect(sum()).toBe(0);
    pod.accept(roster(4, member("eve")));
    expect(ask(pod, wanted("late")).map(winner)).toEqual(["eve"]);
  });

  it("draws nobody after their removal was acknowledged", () => {
    const { pod } = openPod();
    pod.accept(trio);
    pod.accept(roster(2, member("ana"), member("cy")));
    const picked = ask(pod, ...Array.from({ length: 10 }, (_, at) => wanted(`l${at}`))).map(winner);
    expect(picked).not.toContain("bo");
  });

  it("works at 1,000 members and shortens the list to those that mattered", () => {
    const { pod, world, start } = openPod({ dailyCap: 1 });
    const names = Array.from({ length: 1000 }, (_, at) => `r${String(at).padStart(4, "0")}`);
    pod.accept(roster(1, ...names.map((name) => member(name))));
    const results = ask(pod, ...Array.from({ length: 100 }, (_, at) => wanted(`l${at}`)));
    expect(results.map(winner)).toEqual(names.slice(0, 100));
    expect(results[99]?.candidates.length).toBeLessThanOrEqual(12);
    expect(results[99]?.others).toMatchObject({ eligible: 899 });
    expect(world.storage.rowsFrom(1).length).toBeGreaterThan(1);
    expect(start().snapshot().held).toBe(100);
  });
});
