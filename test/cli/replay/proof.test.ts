import { chain, fallback, matchedAccount, pod, rule } from "lead-router";
import { describe, expect, it } from "vitest";
import { replay } from "../../../src/cli/replay/replay.ts";
import { putAbsence, removeAbsence } from "../../../src/roster/absences.ts";
import { putAccount } from "../../../src/roster/accounts.ts";
import { putMember } from "../../../src/roster/members.ts";
import { eraseLead } from "../../../src/routing/acts.ts";
import { calmDay, leadComes, MINUTE, MORNING, replayDay } from "./calm-day.ts";
import { exportLines, recordOf } from "./export-lines.ts";

const desk = pod("desk");
const RULES = chain(matchedAccount({ whenOwnerAway: "next" }), fallback(desk));

describe("the replay's proof of itself", () => {
  it("follows a pod that waits: who is drawn from the line, and who gave up", async () => {
    const waiting = chain(
      fallback(pod("desk", { whenNobody: "wait", waitAtMost: { minutes: 30 } })),
    );
    const world = await calmDay(waiting, "desk/bo");
    const away = { from: world.now, until: world.now + 20 * MINUTE, note: null };
    await putAbsence(world.deps(), "ops", "bo", "lunch", away);
    await world.pass(2 * MINUTE);
    for (let lead = 0; lead < 3; lead++) await leadComes(world);
    await world.pass(60 * MINUTE);
    const leave = { from: world.now, until: world.now + 600 * MINUTE, note: null };
    await putAbsence(world.deps(), "ops", "bo", "leave", leave);
    await world.pass(2 * MINUTE);
    await leadComes(world);
    await world.pass(60 * MINUTE);
    const { proof, drift, difference } = replayDay(world);

    expect(proof).toMatchObject({ decisions: 4, reproduced: 4, missed: {} });
    expect(drift).toEqual({ same: 4, owner: 0, elsewhere: 0 });
    expect(difference).toMatchObject({ unassignedBefore: 1, unassignedAfter: 1 });
  });

  it("has leads wait in rules that wait, until somebody is back", async () => {
    const world = await calmDay(chain(fallback(desk)), "desk/bo");
    const away = { from: world.now, until: world.now + 20 * MINUTE, note: null };
    await putAbsence(world.deps(), "ops", "bo", "lunch", away);
    await world.pass(2 * MINUTE);
    await leadComes(world);
    await world.pass(60 * MINUTE);
    const patient = chain(
      fallback(pod("desk", { whenNobody: "wait", waitAtMost: { minutes: 30 } })),
    );
    const { difference } = replayDay(world, patient);

    expect(difference).toMatchObject({ unassignedBefore: 1, unassignedAfter: 0 });
    expect(difference.reps).toEqual([{ name: "bo", before: 0, after: 1 }]);
  });

  it("names a claim that left nothing but its number", async () => {
    const world = await calmDay(RULES, "desk/bo", "desk/cy", "desk/dee");
    await leadComes(world);
    const wanted = [{ leadId: "no-such-lead", generation: 1, excluded: {} }];
    await world.deps().pod("desk").claim({ version: 0, wanted, full: [] }, 0);
    await leadComes(world);
    await leadComes(world);
    const { proof } = replayDay(world);

    expect(proof.missed).toEqual({ claims_between: expect.any(Number) });
    expect(proof.reproduced).toBeGreaterThan(0);
  });

  it("names a change that was under way", async () => {
    const world = await calmDay(RULES, "desk/bo", "desk/cy");
    await leadComes(world);
    await putAbsence(world.deps(), "ops", "cy", "leave", {
      from: world.now,
      until: world.now + 60 * MINUTE,
      note: null,
    });
    await leadComes(world);
    await removeAbsence(world.deps(), "ops", "cy", "leave");
    // As if it had been committed half a minute after the draw, by another clock.
    const lines = exportLines(world.db, MORNING, world.now).map((line) =>
      line["kind"] === "absence_added"
        ? {
            ...line,
            occurredAt: new Date(Date.parse(String(line["occurredAt"])) + 30_000).toISOString(),
          }
        : line,
    );
    const { proof } = replay(recordOf(lines), {
      after: RULES,
      before: new Map([[RULES.version, RULES]]),
    });

    expect(proof).toMatchObject({ reproduced: 1, missed: { configuration_under_way: 1 } });
  });

  it("names what an erased lead no longer tells, and takes what came before the record as it was", async () => {
    const bySize = chain(rule("small", { fields: { size: "small" } }, pod("shop")), fallback(desk));
    const world = await calmDay(bySize, "desk/bo", "shop/cy");
    const first = await leadComes(world, { fields: { size: "small" } });
    const second = await leadComes(world);
    await leadComes(world);
    await eraseLead(world.deps(), "ops", first);
    const lines = exportLines(world.db, MORNING, world.now).filter((line) => line["id"] !== second);
    const { proof } = replay(recordOf(lines), {
      after: bySize,
      before: new Map([[bySize.version, bySize]]),
    });

    expect(proof).toMatchObject({
      decisions: 3,
      reproduced: 1,
      missed: { lead_erased: 1 },
      taken: { lead_unknown: 1 },
    });
  });

  it("knows accounts and their owners as they were at the instant", async () => {
    const world = await calmDay(RULES, "desk/bo", "desk/cy");
    const account = { domain: "acme.test", accountId: "A1", name: "Acme" };
    const comes = () => leadComes(world, { companyDomain: "acme.test" });
    await comes();
    await putAccount(world.deps(), "ops", { ...account, ownerId: "cy" });
    await world.pass(2 * MINUTE);
    await comes();
    await putAccount(world.deps(), "ops", { ...account, ownerId: "bo" });
    await world.pass(2 * MINUTE);
    await comes();
    const { proof } = replayDay(world);

    expect(proof).toMatchObject({ decisions: 3, reproduced: 3, exact: 3 });
  });

  it("would notice if the rules did not say what was done", async () => {
    const world = await calmDay(RULES, "desk/bo", "desk/cy");
    for (let lead = 0; lead < 4; lead++) await leadComes(world);
    await putMember(world.deps(), "ops", "desk", "cy", {
      weight: 5,
      dailyCap: null,
      openCap: null,
    });
    const lines = exportLines(world.db, MORNING, world.now).map((line) =>
      line["type"] === "decision" && line["claimSeq"] === 3 ? { ...line, ownerId: "cy" } : line,
    );
    const { proof } = replay(recordOf(lines), {
      after: RULES,
      before: new Map([[RULES.version, RULES]]),
    });

    expect(proof).toMatchObject({ reproduced: 3, missed: { unexplained: 1 } });
    expect(proof.unexplained).toHaveLength(1);
  });
});
