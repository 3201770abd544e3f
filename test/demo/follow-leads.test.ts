import { expect, test } from "vitest";
import type { ApiClient } from "../../demo/api-client.ts";
import type { DemoLead } from "../../demo/demo-lead.ts";
import { followLeads, type Pace } from "../../demo/follow-leads.ts";
import type { LeadStory } from "../../demo/lead-story.ts";

const PACE: Pace = { wave: 4, waveEveryMs: 10, window: 8, lookEveryMs: 10, giveUpAfterMs: 500 };

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

/** A router that decides a lead on the third look at it, unless it is stuck, and refuses some at the door. */
function fakeRouter({ stuck = [], refused = [] }: { stuck?: number[]; refused?: number[] } = {}) {
  const looks = new Map<string, number>();
  let time = 0;
  let mostWaiting = 0;
  const waiting = new Set<string>();
  const unused = () => Promise.reject(new Error("not part of this"));
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
      const look = (looks.get(leadId) ?? 0) + 1;
      looks.set(leadId, look);
      // The first look comes before the lead is in the database.
      if (look === 1) return null;
      const decided = look >= 3 && !stuck.includes(Number(leadId));
      if (decided) waiting.delete(leadId);
      return storyOf(leadId, decided);
    },
  };
  const surroundings = {
    now: () => time,
    sleep: async (milliseconds: number) => {
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return { api, surroundings, mostWaiting: () => mostWaiting };
}

test("each lead is told of once, with its decision and the milliseconds it took", async () => {
  const { api, surroundings, mostWaiting } = fakeRouter();
  const told: string[] = [];
  const followed = await followLeads(api, someLeads(30), PACE, surroundings, ({ lead }) =>
    told.push(lead.id),
  );
  expect(told.toSorted()).toEqual(
    someLeads(30)
      .map((_, at) => String(at + 1))
      .toSorted(),
  );
  expect(followed.undecided).toEqual([]);
  expect(followed.decided[0]?.milliseconds).toBe(750);
  expect(mostWaiting()).toBeLessThan(PACE.window + PACE.wave);
});

test("rows that the door refuses are listed in the order of the file, and nobody waits for them", async () => {
  const { api, surroundings } = fakeRouter({ refused: [7, 2, 10] });
  const followed = await followLeads(api, someLeads(10), PACE, surroundings, () => {});
  expect(followed.refused).toEqual(
    ["row 2", "row 7", "row 10"].map((label) => ({ label, message: "email is required" })),
  );
  expect(followed.decided).toHaveLength(7);
});

test("a lead without a decision is found out, and hides no other", async () => {
  const { api, surroundings } = fakeRouter({ stuck: [1, 2, 3] });
  const followed = await followLeads(api, someLeads(20), PACE, surroundings, () => {});
  expect(followed.undecided.toSorted()).toEqual(["1", "2", "3"]);
  expect(followed.decided).toHaveLength(17);
});

test("a router that fails ends it with the router's own words", async () => {
  const { api, surroundings } = fakeRouter();
  const broken: ApiClient = {
    ...api,
    postLead: () => Promise.reject(new Error("POST /leads answered 503")),
  };
  await expect(followLeads(broken, someLeads(9), PACE, surroundings, () => {})).rejects.toThrow(
    "POST /leads answered 503",
  );
});
