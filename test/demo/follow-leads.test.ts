import { expect, test } from "vitest";
import type { ApiClient, DemoLead, LeadStory } from "../../demo/api-client.ts";
import { followLeads, type Pace } from "../../demo/follow-leads.ts";

const PACE: Pace = { batch: 4, batchEveryMs: 10, window: 8, checkEveryMs: 10, giveUpAfterMs: 500 };

function someLeads(count: number): DemoLead[] {
  return Array.from({ length: count }, (_, at) => ({
    label: `row ${at + 1}`,
    encoding: "json",
    fields: { number: at + 1 },
  }));
}

function storyOf(leadId: string, decided: boolean): LeadStory {
  return {
    lead: {
      id: leadId,
      receivedAt: "2026-11-22T10:00:00.000Z",
      name: leadId,
      email: null,
      phone: null,
      company: null,
      companyDomain: null,
    },
    decisions: decided
      ? [
          {
            outcome: "assigned",
            rule: "DACH",
            podId: "dach",
            ownerId: "bo",
            reason: "bo was next in dach.",
            trail: [],
            committedAt: "2026-11-22T10:00:00.750Z",
          },
        ]
      : [],
  };
}

/** A router that decides a lead on the third check, unless it is stuck, and refuses some leads. */
function fakeRouter({ stuck = [], refused = [] }: { stuck?: number[]; refused?: number[] } = {}) {
  const checks = new Map<string, number>();
  let time = 0;
  let mostWaiting = 0;
  const waiting = new Set<string>();
  const unused = () => Promise.reject(new Error("not used here"));
  const api: ApiClient = {
    put: unused,
    importAccounts: unused,
    getConsistency: unused,
    async postLead({ fields }) {
      const number = Number(fields["number"]);
      if (refused.includes(number)) {
        return { outcome: "refused", message: "email is required" };
      }
      waiting.add(String(number));
      mostWaiting = Math.max(mostWaiting, waiting.size);
      return { outcome: "received", leadId: String(number) };
    },
    async getLead(leadId) {
      const check = (checks.get(leadId) ?? 0) + 1;
      checks.set(leadId, check);
      // The first check comes before the lead is in the database.
      if (check === 1) return null;
      const decided = check >= 3 && !stuck.includes(Number(leadId));
      if (decided) waiting.delete(leadId);
      return storyOf(leadId, decided);
    },
  };
  const clock = {
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return { api, clock, mostWaiting: () => mostWaiting };
}

test("each lead is reported once, with its decision and the milliseconds it took", async () => {
  const { api, clock, mostWaiting } = fakeRouter();
  const reported: string[] = [];
  const followed = await followLeads(api, someLeads(30), PACE, clock, ({ lead }) =>
    reported.push(lead.id),
  );
  expect(reported.toSorted()).toEqual(
    someLeads(30)
      .map((_, at) => String(at + 1))
      .toSorted(),
  );
  expect(followed.undecided).toEqual([]);
  expect(followed.decided[0]?.milliseconds).toBe(750);
  expect(mostWaiting()).toBeLessThan(PACE.window + PACE.batch);
});

test("rows that the router refuses are listed in the order of the file, and are not waited for", async () => {
  const { api, clock } = fakeRouter({ refused: [7, 2, 10] });
  const followed = await followLeads(api, someLeads(10), PACE, clock, () => {});
  expect(followed.refused).toEqual(
    ["row 2", "row 7", "row 10"].map((label) => ({ label, message: "email is required" })),
  );
  expect(followed.decided).toHaveLength(7);
});

test("leads without a decision are reported, and do not crowd out the others", async () => {
  const { api, clock } = fakeRouter({ stuck: [1, 2, 3] });
  const followed = await followLeads(api, someLeads(20), PACE, clock, () => {});
  expect(followed.undecided.toSorted()).toEqual(["1", "2", "3"]);
  expect(followed.decided).toHaveLength(17);
});

test("a router that fails ends the run with the router's own message", async () => {
  const { api, clock } = fakeRouter();
  const broken: ApiClient = {
    ...api,
    postLead: () => Promise.reject(new Error("POST /leads answered 503")),
  };
  await expect(followLeads(broken, someLeads(9), PACE, clock, () => {})).rejects.toThrow(
    "POST /leads answered 503",
  );
});
