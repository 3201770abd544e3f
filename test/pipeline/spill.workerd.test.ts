import { describe, expect, it } from "vitest";
import { acceptLead } from "../../src/intake/accept.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { DRAFT, submissionOf } from "../intake/api/fakes.ts";
import { callApi } from "./client.ts";
import { failingDatabase } from "./failing-database.ts";
import { addMembers, chainTo, hold, openRouter, select, type OpenRouter } from "./open-router.ts";

/** A lead that D1 did not take at the door in time: it lies in the queue as a whole. */
async function spill(router: OpenRouter, email: string, key: string | null): Promise<string> {
  const db = failingDatabase(router.deps.db, () => "D1_ERROR: D1 DB is overloaded.");
  const deps = { ...router.deps, db };
  const accepted = await acceptLead(deps, submissionOf({ ...DRAFT, email }, key));
  if (accepted.outcome !== "received") throw new Error(`the door said ${accepted.outcome}`);
  return accepted.leadId;
}

async function deliver({ deps, leads }: OpenRouter, times = 1): Promise<void> {
  const messages = leads.splice(0);
  for (let time = 0; time < times; time++) {
    const held = hold(messages);
    await consumeLeads(deps, held);
    expect(held.every(({ outcome }) => outcome === "acked")).toBe(true);
  }
}

async function count(table: "leads" | "decisions", ...ids: string[]): Promise<number> {
  const column = table === "leads" ? "id" : "lead_id";
  const sql = `SELECT count(*) AS n FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`;
  const [row] = await select(sql, JSON.stringify(ids));
  return Number(row?.["n"]);
}

describe("a lead that spilled over into the queue", () => {
  it("is in no table when its caller is answered, and stored and routed once when delivered twice", async () => {
    const router = openRouter({ chain: chainTo("spilled") });
    await addMembers(router, "spilled", { ana: {}, bo: {} });
    const id = await spill(router, "one@spill.test", null);
    expect(await count("leads", id)).toBe(0);
    expect(router.leads).toMatchObject([{ leadId: id, spilled: { lead: { id } } }]);

    await deliver(router, 2);
    const { lead, decisions } = (await callApi("GET", `/leads/${id}`)).json;
    expect(lead).toMatchObject({ id, email: "one@spill.test", fields: DRAFT.fields });
    expect(decisions).toMatchObject([{ outcome: "assigned", podId: "spilled" }]);
    const { members } = await router.deps.pod("spilled").snapshot();
    expect(members.map((member) => member.count)).toEqual([1, 0]);
  });

  it("with the key of another is an alias of that one: both ids tell the one story", async () => {
    const router = openRouter({ chain: chainTo("aliased") });
    await addMembers(router, "aliased", { cy: {} });
    const stored = await acceptLead(
      router.deps,
      submissionOf({ ...DRAFT, email: "two@spill.test" }, "key-2"),
    );
    const first = stored.outcome === "received" ? stored.leadId : "";
    const alias = await spill(router, "two@spill.test", "key-2");
    expect(alias).not.toBe(first);

    await deliver(router, 2);
    expect(await count("leads", first, alias)).toBe(1);
    expect(await count("decisions", first, alias)).toBe(1);
    const story = (await callApi("GET", `/leads/${alias}`)).json;
    expect(story.lead).toMatchObject({ id: first, state: "assigned" });
    expect(story).toEqual((await callApi("GET", `/leads/${first}`)).json);
  });

  it("twice with one key, in one batch, is one lead", async () => {
    const router = openRouter({ chain: chainTo("both") });
    await addMembers(router, "both", { di: {} });
    const first = await spill(router, "three@spill.test", "key-3");
    const second = await spill(router, "three@spill.test", "key-3");
    await deliver(router, 2);
    expect(await count("leads", first, second)).toBe(1);
    expect(await count("decisions", first, second)).toBe(1);
    expect((await callApi("GET", `/leads/${second}`)).json.lead.id).toBe(first);
  });
});
