import { describe, expect, it } from "vitest";
import { PodCore } from "../../src/pod/pod.ts";
import { UNITS_PER_LEAD } from "../../src/pod/ledger.ts";
import { MemoryPodStorage } from "./memory-storage.ts";
import { member, roster } from "./rosters.ts";

const NOON = Date.UTC(2026, 2, 2, 12);

function openPod() {
  const storage = new MemoryPodStorage();
  const start = () =>
    new PodCore(
      { id: "dach", settings: { debitOutside: true } },
      storage,
      () => NOON,
      async () => ({ claims: new Map(), over: [] }),
      storage.alarmAt,
    );
  const pod = start();
  pod.accept(roster(1, member("ana"), member("bo"), member("cy")));
  return { pod, start };
}

const owed = (pod: PodCore) =>
  pod.snapshot().members.map(({ balance }) => Math.round((3 * balance) / UNITS_PER_LEAD));
const draw = (pod: PodCore, ...names: string[]) => {
  const wanted = names.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  const answer = pod.claim({ version: 1, wanted, full: [] });
  if (answer.outcome !== "drawn") throw new Error(answer.outcome);
  return answer.results.map((result) => (result.outcome === "claimed" ? result.repId : null));
};

describe("a lead that a member got past the rotation", () => {
  it("counts as one from the rotation: who got it waits for the others", () => {
    const { pod } = openPod();
    pod.debit([{ leadId: "by-hand", generation: 1, repId: "ana" }]);
    expect(owed(pod)).toEqual([-2, 1, 1]);
    expect(draw(pod, "l1", "l2", "l3")).toEqual(["bo", "cy", "ana"]);
  });

  it("is debited once, however often it is asked, also after an eviction", () => {
    const { pod, start } = openPod();
    const debit = [{ leadId: "by-hand", generation: 1, repId: "ana" }];
    pod.debit(debit);
    pod.debit(debit);
    const again = start();
    again.debit(debit);
    expect(owed(again)).toEqual([-2, 1, 1]);
    again.debit([{ leadId: "by-hand", generation: 2, repId: "ana" }]);
    expect(owed(again)).toEqual([-4, 2, 2]);
  });

  it("keeps the ledger at zero, also for a member who is away and for a rep who is no member", () => {
    const { pod } = openPod();
    const away = member("ana", { absences: [{ from: NOON - 1, until: NOON + 1 }] });
    pod.accept(roster(2, away, member("bo")));
    pod.debit([
      { leadId: "l1", generation: 1, repId: "ana" },
      { leadId: "l2", generation: 1, repId: "nobody-here" },
    ]);
    const { members } = pod.snapshot();
    expect(members.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
    expect(members.map(({ received }) => received)).toEqual([1, 0]);
  });

  it("takes no capacity of the pod", () => {
    const { pod } = openPod();
    pod.debit([{ leadId: "by-hand", generation: 1, repId: "ana" }]);
    expect(pod.snapshot().members.map(({ count, open }) => count + open)).toEqual([0, 0, 0]);
  });
});
