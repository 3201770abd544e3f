import { chain, fallback, pod, score } from "lead-router";
import { describe, expect, it } from "vitest";
import { tellDifference } from "../../../src/cli/replay/report.ts";
import { closeLead } from "../../../src/routing/acts.ts";
import { requestReroute } from "../../../src/routing/reroute.ts";
import { assignManually } from "../../../src/routing/assign.ts";
import { calmDay, leadComes, replayDay } from "./calm-day.ts";

const enterprise = pod("enterprise");
const sdr = pod("sdr");
const bands = (hot: number, top = enterprise) =>
  chain(score("hot", { min: hot }, top), fallback(sdr));

describe("the difference that changed rules make", () => {
  it("is told in words and numbers for a band that begins lower", async () => {
    const world = await calmDay(bands(80), "enterprise/ana", "sdr/bo", "sdr/cy");
    for (const value of [90, 75, 10, 79, 85, 70, 69, 72]) await leadComes(world, { score: value });
    const { difference } = replayDay(world, bands(70));

    expect(difference).toMatchObject({ decisions: 8, elsewhere: 4, otherRule: 0 });
    expect(difference.moves).toMatchObject([{ from: "sdr", to: "enterprise", leads: 4 }]);
    expect(difference.pods).toEqual([
      { name: "enterprise", before: 2, after: 6 },
      { name: "sdr", before: 6, after: 2 },
    ]);
    expect(difference.reps).toEqual([
      { name: "ana", before: 2, after: 6 },
      { name: "bo", before: 3, after: 1 },
      { name: "cy", before: 3, after: 1 },
    ]);
    expect(tellDifference(difference)).toBe(
      "4 of 8 leads (50 %) would go elsewhere: 4 that scored 70 to 79 move from sdr to enterprise. " +
        "ana would have had 4 more, bo 2 fewer and cy 2 fewer. " +
        "Within their pods, 2 leads would go to another rep, only because the rotation shifts.",
    );
  });

  it("shows both trails of what changes", async () => {
    const world = await calmDay(bands(80), "enterprise/ana", "sdr/bo");
    const leadId = await leadComes(world, { score: 75 });
    await leadComes(world, { score: 90 });
    const [example, ...others] = replayDay(world, bands(70)).difference.examples;

    expect(others).toEqual([]);
    expect(example).toMatchObject({
      leadId,
      before: { podId: "sdr", ownerId: "bo", rule: "fallback" },
      after: { podId: "enterprise", ownerId: "ana", rule: "hot" },
    });
    expect(example?.before?.trail.map(({ rule, outcome }) => `${rule} ${outcome}`)).toEqual([
      "hot no_match",
      "fallback matched",
    ]);
    expect(example?.after?.trail).toMatchObject([
      { rule: "hot", outcome: "matched", picked: "ana" },
    ]);
  });

  it("keeps a shift of the rotation apart from leads that go elsewhere", async () => {
    const world = await calmDay(bands(80), "enterprise/ana", "sdr/bo", "sdr/cy");
    for (const value of [75, 10, 11, 12]) await leadComes(world, { score: value });
    const { difference } = replayDay(world, bands(70));

    expect(difference).toMatchObject({ elsewhere: 1, otherOwner: 3 });
    expect(tellDifference(difference)).toContain(
      "Within their pods, 3 leads would go to another rep, only because the rotation shifts.",
    );
  });

  it("counts leads that nobody would take any more", async () => {
    const full = pod("enterprise", { dailyCap: 1 });
    const only = (top: typeof full) => chain(score("hot", { min: 80 }, top), fallback(pod("none")));
    const world = await calmDay(only(enterprise), "enterprise/ana");
    for (const value of [90, 91, 92]) await leadComes(world, { score: value });
    const { difference } = replayDay(world, only(full));

    expect(difference).toMatchObject({ unassignedBefore: 0, unassignedAfter: 2, elsewhere: 2 });
    expect(tellDifference(difference)).toContain("2 leads would find nobody, instead of 0.");
  });

  it("says of a pod that is new that nobody is in it", async () => {
    const world = await calmDay(bands(80), "enterprise/ana", "sdr/bo");
    await leadComes(world, { score: 90 });
    const { emptyPods, difference } = replayDay(world, bands(80, pod("strategic")));

    expect(emptyPods).toEqual(["strategic"]);
    expect(difference.moves).toMatchObject([{ from: "enterprise", to: "sdr", leads: 1 }]);
  });

  it("rules out whoever has the lead in that run when it was re-routed, and keeps what hands did", async () => {
    const world = await calmDay(bands(80), "enterprise/ana", "enterprise/dee", "sdr/bo", "sdr/cy");
    const rerouted = await leadComes(world, { score: 75 });
    await requestReroute(world.deps(), "ops", rerouted, { force: true, reason: "try another" });
    await world.pass(300_000);
    const given = await leadComes(world, { score: 20 });
    await assignManually(world.deps(), "ops", given, { ownerId: "dee", reason: "knows them" });
    await closeLead(world.deps(), "ops", given, { reason: "won" });
    const { difference, proof } = replayDay(world, bands(70));

    expect(proof.taken).toEqual({ by_hand: 1 });
    expect(
      difference.examples.map(({ generation, before, after }) => [
        generation,
        before?.ownerId,
        after?.ownerId,
      ]),
    ).toEqual([
      [1, "bo", "ana"],
      [2, "cy", "dee"],
      // With one lead less before it, the rotation of sdr begins anew.
      [1, "cy", "bo"],
    ]);
  });
});
