import { beforeAll, describe, expect, it } from "vitest";
import { checkAnswer } from "../ops/api/contract.ts";
import { ask, QUESTIONS, type Question } from "./questions.ts";
import { openWorld, type World } from "./world.ts";

// The ten questions of ops, each answered by one call, on a router that has routed two days of leads.

let world: World;
beforeAll(async () => {
  world = await openWorld();
});

async function answerTo(question: Question): Promise<any> {
  const { method, path } = question.call(world);
  const { status, headers, text, json } = await ask(world, question);
  expect(status, text).toBe(200);
  checkAnswer(method, `/api${path}`, status, headers.get("content-type"), json);
  return json;
}

describe("one call answers", () => {
  it("why did this lead go to Emre", async () => {
    const { lead, decisions, events } = await answerTo(QUESTIONS.why);

    expect(lead).toMatchObject({ state: "assigned", ownerId: "emre", countryCode: "DE" });
    expect(lead.summary).toMatch(
      /^Assigned to emre \d\.\d s after it came in: emre was next in dach/,
    );
    expect(decisions).toHaveLength(1);
    const [noAccount, territory] = decisions[0].trail;
    expect(noAccount).toMatchObject({ rule: "matched account", outcome: "no_match" });
    expect(territory).toMatchObject({ rule: "DACH", reason: "the country is DE", picked: "emre" });
    expect(territory.candidates.map(({ repId }: any) => repId)).toEqual(["bo", "dana", "emre"]);
    expect(events).toMatchObject([{ kind: "notified", actor: "router" }]);
  });

  it("why did it skip me", async () => {
    const { items, nextCursor } = await answerTo(QUESTIONS.skipped);

    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      leadId: world.idOf("clara@rheinhafen.example"),
      ownerId: "emre",
      eligibility: "eligible",
      reason: "was eligible and owed -0.25 of a lead, but emre was owed 0.75",
    });
    expect(nextCursor).not.toBeNull();
  });

  it("who is next", async () => {
    const { ledger } = await answerTo(QUESTIONS.next);

    expect(ledger.next).toBe("dana");
    expect(ledger.members.find(({ repId }: any) => repId === "emre")).toMatchObject({
      eligibility: "absent",
      until: "2026-11-27T06:00:00.000Z",
    });
  });

  it("who is over cap", async () => {
    const { reached, unreachable } = await answerTo(QUESTIONS.capacity);

    expect(reached).toEqual([
      // Ana lowered the cap after the fifth lead.
      { repId: "chidi", podId: "sdr", counts: "leads_today", count: 5, cap: 4, over: 1 },
      // Ana gave her the fifth manually.
      { repId: "ines", podId: null, counts: "leads_today", count: 5, cap: 4, over: 1 },
      { repId: "jay", podId: "sdr", counts: "leads_today", count: 5, cap: 5, over: 0 },
    ]);
    expect(unreachable).toEqual([]);
  });

  it("what is stuck", async () => {
    const { items, nextCursor, oldestUnswept } = await answerTo(QUESTIONS.stuck);

    expect(items).toMatchObject([
      { leadId: world.idOf("daniel@volta.example"), waitsFor: "decision", cause: null },
    ]);
    expect(items[0].ageSeconds).toBeGreaterThan(5_400);
    expect(items[0].tries).toBeGreaterThan(3);
    expect({ nextCursor, oldestUnswept }).toEqual({ nextCursor: null, oldestUnswept: null });
  });

  it("is the rotation fair", async () => {
    const { pods } = await answerTo(QUESTIONS.fair);

    expect(pods).toMatchObject([{ podId: "dach", largestDeviation: 0.5, withinBound: true }]);
    const shares = pods[0].members.map(({ repId, received, expected }: any) => ({
      [repId]: [received, expected],
    }));
    expect(shares).toEqual([{ bo: [3, 2.75] }, { dana: [5, 5.5] }, { emre: [3, 2.75] }]);
  });

  it("which rule stopped matching", async () => {
    const { rules, complete } = await answerTo(QUESTIONS.rules);

    expect(complete).toBe(true);
    const stopped = rules.filter((rule: any) => rule.stopped);
    expect(stopped).toMatchObject([
      { rule: "DACH", lastMatchedAt: "2026-11-23T15:15:00.000Z", tried: 39, matched: 11 },
    ]);
    expect(stopped[0].explanation).toMatch(/^It has stopped matching: it matched 11 of 18 leads/);
  });

  it("how fast are we", async () => {
    const { receivedToDecided, receivedToNotified } = await answerTo(QUESTIONS.fast);

    expect(receivedToDecided.p50Ms).toBeLessThan(2_000);
    // One lead of 41 waited for the pod that did not answer.
    expect(receivedToDecided.promise).toEqual({ withinMs: 5_000, share: 40 / 41 });
    expect(receivedToDecided.maxMs).toBeGreaterThan(30_000);
    expect(receivedToNotified.count).toBe(41);
  });

  it("what did Ana change", async () => {
    const { items, nextCursor } = await answerTo(QUESTIONS.ana);

    expect(items.map(({ kind, subjectId }: any) => [kind, subjectId])).toEqual([
      ["assigned_by_hand", world.idOf("julia@irishealth.example")],
      ["member_changed", "sdr/chidi"],
      ["closed", world.idOf("nina@rigi.example")],
    ]);
    expect(items[1].detail).toMatchObject({ before: { dailyCap: null }, after: { dailyCap: 4 } });
    expect(nextCursor).not.toBeNull();
  });

  it("what happens if, and nothing happens", async () => {
    const before = JSON.stringify((await answerTo(QUESTIONS.next)).ledger);
    const rows = () => world.db.sqlite.prepare("SELECT total_changes() AS n").get()?.["n"];
    const changes = rows();
    const simulated = await answerTo(QUESTIONS.ifSo);

    expect(simulated).toMatchObject({ outcome: "assigned", ownerId: "dana", rule: "DACH" });
    expect(rows()).toBe(changes);
    expect(JSON.stringify((await answerTo(QUESTIONS.next)).ledger)).toBe(before);
  });
});

it("the counts of the world agree", async () => {
  const { json } = await world.call("GET", "/health/consistency");
  expect(json).toMatchObject({ balanced: true, leads: 42, undecided: 1, oldestUnnotified: null });
  for (const { claims, decisions, held } of json.pods)
    expect({ claims, held }).toEqual({ claims: decisions, held: 0 });
});

it("the world is the same each time it is made", async () => {
  const again = await openWorld();
  for (const question of Object.values(QUESTIONS))
    expect((await ask(again, question)).json).toEqual((await ask(world, question)).json);
});
