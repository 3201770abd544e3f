import fc from "fast-check";
import { chain, fallback, matchedAccount, pod, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { SCAN_LIMIT } from "../../../../src/record/lead-lists.ts";
import { putAbsence } from "../../../../src/roster/absences.ts";
import { putAccount } from "../../../../src/roster/accounts.ts";
import { requestReroute } from "../../../../src/routing/reroute.ts";
import { NOW } from "../../../roster/roster-world.ts";
import { refusedFields } from "../api-client.ts";
import { openLiveRouter } from "../live-router.ts";

const DAY = 24 * 3_600_000;
const RULES = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: "DE" }, pod("dach", { dailyCap: 1 })),
  fallback(pod("everyone")),
);

function openRouter() {
  const router = openLiveRouter(RULES);
  return {
    ...router,
    async skipped(repId: string, query = ""): Promise<any> {
      const { status, json } = await router.call("GET", `/reps/${repId}/skipped${query}`);
      expect(status).toBe(200);
      return json;
    },
  };
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

describe("GET /reps/:id/skipped", () => {
  it("tells of each lead why the rep did not get it, and who did, the newest first", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {}, everyone: {} });
    await router.addRep("bo", { everyone: {} });
    const first = await router.addLead(); // ana's, by DACH
    const second = await router.addLead(); // ana is full in dach; by turns ana's again
    const third = await router.addLead(); // bo's
    for (const lead of [first, second, third]) await router.route(lead);

    const common = { generation: 1, receivedAt: iso(NOW), decidedAt: iso(NOW), ownerId: "bo" };
    expect(await router.skipped("ana")).toEqual({
      items: [
        {
          ...common,
          leadId: third.id,
          rule: "DACH",
          podId: "dach",
          eligibility: "at_daily_cap",
          reason: "has 1 of 1 leads today, until 2026-11-23 00:00 UTC",
          until: "2026-11-23T00:00:00.000Z",
          owed: null,
          pickedOwed: null,
        },
        {
          ...common,
          leadId: third.id,
          rule: "fallback",
          podId: "everyone",
          eligibility: "eligible",
          reason: "was eligible and owed 0.00 of a lead, but bo was owed 1.00",
          until: null,
          owed: 0,
          pickedOwed: 1,
        },
      ],
      nextCursor: null,
      unnamed: 0,
    });
    expect(await router.skipped("bo")).toMatchObject({
      items: [{ leadId: second.id, ownerId: "ana", eligibility: "eligible" }],
    });
  });

  it("tells an account's owner who was away of the lead that would have been theirs", async () => {
    const router = openRouter();
    await router.addRep("ana", { everyone: {} });
    await router.addRep("bo", {});
    const account = { domain: "acme.test", accountId: "a-1", name: "Acme", ownerId: "bo" };
    await putAccount(router.deps, "x", account);
    const absence = { from: NOW - DAY, until: NOW + DAY, note: null };
    await putAbsence(router.deps, "x", "bo", "away", absence);
    const lead = await router.addLead();
    await router.route(lead);
    expect((await router.skipped("bo")).items).toEqual([
      {
        leadId: lead.id,
        generation: 1,
        receivedAt: iso(NOW),
        decidedAt: iso(NOW),
        rule: "matched account",
        podId: null,
        eligibility: null,
        reason: "bo owns account Acme (acme.test) but is away until 2026-11-23 09:30 UTC",
        until: null,
        ownerId: "ana",
        owed: null,
        pickedOwed: null,
      },
    ]);
  });

  it("tells of the generation that a re-route made, and of leads that nobody got", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    const lead = await router.addLead();
    await router.route(lead);
    await requestReroute(router.deps, "x", lead.id, { force: true, reason: "no answer" });
    await router.route(lead, 2);
    expect((await router.skipped("ana")).items).toMatchObject([
      { generation: 2, eligibility: "excluded", reason: "has it now", ownerId: null },
    ]);
  });

  it("looks back a week, or as far as it is asked to", async () => {
    const router = openRouter();
    await router.addRep("ana", { everyone: {} });
    await router.addRep("bo", { everyone: {} });
    const ids: string[] = [];
    for (const age of [9, 8, 3, 2, 1, 0]) {
      router.clock.now = NOW - age * DAY;
      const lead = await router.addLead({ countryCode: "FR" });
      await router.route(lead);
      ids.push(lead.id);
    }
    const seen = async (query = "") =>
      (await Promise.all([router.skipped("ana", query), router.skipped("bo", query)]))
        .flatMap(({ items }) => items)
        .map(({ leadId }) => ids.indexOf(leadId))
        .toSorted();
    expect(await seen()).toEqual([2, 3, 4, 5]);
    expect(await seen(`?from=${iso(NOW - 30 * DAY)}`)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await seen(`?from=${iso(NOW - 2 * DAY)}&to=${iso(NOW - DAY)}`)).toEqual([3]);
    expect(await seen(`?to=${iso(NOW - 3 * DAY)}`)).toEqual([0, 1]);
  });

  it("counts the draws of large pods whose trails do not name the rep, once each", async () => {
    const router = openRouter();
    for (let n = 10; n < 62; n++) await router.addRep(`rep-${n}`, { everyone: {} });
    const leads = [];
    for (let n = 0; n < 5; n++) leads.push(await router.addLead({ countryCode: "FR" }));
    for (const lead of leads) await router.route(lead);
    // Who is picked is named, and so is who comes next: rep-13 of the third lead, and the fourth is theirs.
    const { items, unnamed } = await router.skipped("rep-13");
    expect(items).toMatchObject([{ leadId: leads[2]?.id, eligibility: "eligible" }]);
    expect(unnamed).toBe(3);
    await router.addRep("guest", { dach: {} });
    expect(await router.skipped("guest")).toEqual({ items: [], nextCursor: null, unnamed: 0 });

    // In dach rep-13 is named: full from the second lead on, which then goes on to everyone.
    await router.addRep("rep-13", { dach: {} });
    for (let n = 0; n < 12; n++)
      await router.route(await router.addLead({ countryCode: n % 2 === 0 ? "DE" : "FR" }));
    const whole = await router.skipped("rep-13");
    const told = { items: [] as unknown[], unnamed: 0 };
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: any = await router.skipped("rep-13", `?limit=1${cursor && `&cursor=${cursor}`}`);
      told.items.push(...page.items);
      told.unnamed += page.unnamed;
      cursor = page.nextCursor;
    }
    expect(whole.items).toHaveLength(6);
    expect({ ...told, nextCursor: null }).toEqual(whole);
  });

  it("by pages tells each exactly once, whatever the pages' size, while leads go on coming in", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {}, everyone: {} });
    await router.addRep("bo", { dach: {}, everyone: {} });
    for (let n = 0; n < 30; n++)
      await router.route(await router.addLead({ countryCode: n % 3 === 0 ? "FR" : "DE" }));
    const name = ({ leadId, rule }: { leadId: string; rule: string }) => `${leadId} ${rule}`;
    const whole = (await router.skipped("ana", "?limit=200")).items.map(name);
    expect(whole.length).toBeGreaterThan(20);

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (sizes) => {
          const told: string[] = [];
          let cursor: string | null = "";
          for (let page = 0; cursor !== null; page++) {
            const limit: number = sizes[page % sizes.length] ?? 1;
            const answer: any = await router.skipped(
              "ana",
              `?limit=${limit}${cursor && `&cursor=${cursor}`}`,
            );
            expect(answer.items.length).toBeLessThanOrEqual(limit);
            told.push(...answer.items.map(name));
            cursor = answer.nextCursor;
            if (page === 0) await router.route(await router.addLead());
          }
          // What came in since the first page was read is newer than it.
          expect(told.slice(-whole.length)).toEqual(whole);
          expect(new Set(told).size).toBe(told.length);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("looks at a bounded number of decisions a page, and carries on", async () => {
    const router = openRouter();
    await router.addRep("ana", {});
    await router.addRep("bo", {});
    const account = { domain: "acme.test", accountId: "a-1", name: "Acme", ownerId: "bo" };
    await putAccount(router.deps, "x", account);
    const absence = { from: NOW - DAY, until: NOW + DAY, note: null };
    await putAbsence(router.deps, "x", "bo", "away", absence);
    const oldest = await router.addLead();
    await router.route(oldest);
    for (let n = 0; n < SCAN_LIMIT; n++)
      await router.route(await router.addLead({ companyDomain: null }));
    const first = await router.skipped("bo");
    expect(first).toEqual({ items: [], nextCursor: expect.any(String), unnamed: 0 });
    expect(await router.skipped("bo", `?cursor=${first.nextCursor}`)).toMatchObject({
      items: [{ leadId: oldest.id, ownerId: null }],
      nextCursor: null,
    });
  });

  it("answers 404 for a rep who does not exist", async () => {
    expect((await openRouter().call("GET", "/reps/ida/skipped")).status).toBe(404);
  });

  it.each([
    ["from=yesterday", "from"],
    [`from=${iso(NOW)}&to=${iso(NOW)}`, "from"],
    ["limit=0", "limit"],
    ["cursor=WyJsZWFkcyIsIngiXQ", "cursor"],
    ["rule=DACH", "rule"],
  ])("refuses ?%s by name", async (query, field) => {
    const router = openRouter();
    await router.addRep("ana", {});
    const { status, json } = await router.call("GET", `/reps/ana/skipped?${query}`);
    expect({ status, fields: Object.keys(refusedFields(json)) }).toEqual({
      status: 400,
      fields: [field],
    });
  });
});
