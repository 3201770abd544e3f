import { describe, expect, it } from "vitest";
import { chain, fallback, pod } from "../../src/rules/index.ts";
import type { Debit } from "../../src/ports/pod.ts";
import { assignManually } from "../../src/routing/assign.ts";
import { enterDebits } from "../../src/pod/settlement.ts";
import { Desk } from "../routing/desk.ts";

/** Ops at a desk whose pod dach counts what its members get past the rotation, or does not. */
async function handOver({ debitOutside }: { debitOutside: boolean }) {
  const entered: Debit[] = [];
  const world = { away: false };
  const rules = chain(fallback(pod("dach", { debitOutside })));
  const desk = new Desk({
    chain: rules,
    pod: () => ({
      ...new Desk().deps.pod("dach"),
      debit: async (debits) => {
        if (world.away) throw new Error("the pod is away");
        entered.push(...debits);
      },
    }),
  });
  desk.addRep("bo");
  desk.addRep("cy");
  desk.db.sqlite.exec("INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'bo', 0)");
  const byHand = async (n: number, ownerId: string) => {
    const leadId = await desk.addLead(n);
    await assignManually(desk.deps, "ana", leadId, { ownerId, reason: "knows them" });
    return { leadId, generation: 1 };
  };
  return { desk, entered, world, byHand };
}

describe("a lead given by hand", () => {
  it("debits the rep in the pods that count it, and the audit says so", async () => {
    const { desk, entered, byHand } = await handOver({ debitOutside: true });
    const key = await byHand(1, "bo");
    expect(desk.pending()).toEqual(["debit 1", "notify 1"]);
    await enterDebits(desk.deps, [key]);
    expect(entered).toEqual([expect.objectContaining({ ...key, repId: "bo" })]);
    expect(desk.pending()).toEqual(["notify 1"]);
    expect(desk.select("SELECT detail FROM events WHERE kind = 'ledger_debited'")).toEqual([
      { detail: '{"podId":"dach","repId":"bo"}' },
    ]);
  });

  it("stays on the list while the pod is away", async () => {
    const { desk, entered, world, byHand } = await handOver({ debitOutside: true });
    const key = await byHand(1, "bo");
    world.away = true;
    await enterDebits(desk.deps, [key]);
    expect([desk.pending(), entered]).toEqual([["debit 1", "notify 1"], []]);
  });

  it("debits nobody where no pod counts it, or the rep is in none that does", async () => {
    const uncounted = await handOver({ debitOutside: false });
    await uncounted.byHand(1, "bo");
    expect(uncounted.desk.pending()).toEqual(["notify 1"]);
    const outsider = await handOver({ debitOutside: true });
    await outsider.byHand(1, "cy");
    expect(outsider.desk.pending()).toEqual(["notify 1"]);
  });
});
