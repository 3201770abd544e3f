import fc from "fast-check";
import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { presentDecision } from "../../../../src/ops/api/present.ts";
import { putAbsence } from "../../../../src/roster/absences.ts";
import { putAccount } from "../../../../src/roster/accounts.ts";
import { requestReroute } from "../../../../src/routing/reroute.ts";
import { NOW } from "../../../roster/roster-world.ts";
import { refusedFields } from "../api-client.ts";
import { openLiveRouter } from "../live-router.ts";

const HOUR = 3_600_000;
const dach = pod("dach", { dailyCap: 2 });
const sdr = pod("sdr", { openCap: 2 });
const patient = pod("patient", { whenNobody: "wait", waitAtMost: { hours: 30 }, dailyCap: 1 });
const everyone = pod("everyone");

const RULES = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT"] }, dach),
  score("hot", { min: 80 }, sdr),
  rule("partners", { source: "partner" }, patient),
  territory("Austria again", { countryCode: "AT" }, dach),
  fallback(everyone),
);

const SENT = { email: "jane@acme.com", country: "Germany", lead_source: "ads", "Lead Score": "12" };

function openRouter() {
  const router = openLiveRouter(RULES);
  const simulate = async (body: unknown, status = 200): Promise<any> => {
    const answer = await router.call("POST", "/simulate", body);
    expect(answer.status).toBe(status);
    return answer.json;
  };
  return { ...router, simulate };
}

describe("POST /simulate", () => {
  it("reads what a form sends as the door does, and tells the whole trail", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    await router.addRep("bo", { dach: {} }, { dailyCap: 0 });
    const before = router.dump();
    expect(await router.simulate({ lead: SENT })).toEqual({
      at: new Date(NOW).toISOString(),
      chainVersion: RULES.version,
      outcome: "assigned",
      ownerId: "ana",
      podId: "dach",
      rule: "DACH",
      reason:
        "ana was next in dach (the only one eligible): the rule DACH matched because the country is DE.",
      until: null,
      trail: [
        {
          rule: "matched account",
          kind: "matched_account",
          outcome: "no_match",
          reason: "acme.com belongs to no account",
        },
        {
          rule: "DACH",
          kind: "territory",
          outcome: "matched",
          reason: "the country is DE",
          podId: "dach",
          candidates: [
            expect.objectContaining({ repId: "ana", eligibility: "eligible", balance: 0 }),
            expect.objectContaining({ repId: "bo", eligibility: "at_own_daily_cap" }),
          ],
          picked: "ana",
        },
      ],
      lead: {
        email: "jane@acme.com",
        phone: null,
        name: null,
        company: null,
        companyDomain: "acme.com",
        countryCode: "DE",
        region: null,
        source: "ads",
        score: 12,
        fields: {},
      },
      notes: [],
    });
    expect(router.dump()).toBe(before);
  });

  it("gives the account's owner their lead, and passes one over who is full by now", async () => {
    const router = openRouter();
    await router.addRep("bo", {}, { dailyCap: 1 });
    await putAccount(router.deps, "ana", {
      domain: "acme.com",
      accountId: "a-1",
      name: "Acme",
      ownerId: "bo",
    });
    expect(await router.simulate({ lead: SENT })).toMatchObject({
      ownerId: "bo",
      podId: null,
      rule: "matched account",
      reason: "bo owns account Acme (acme.com).",
    });
    await router.route(await router.addLead({ companyDomain: "acme.com" }));
    expect(await router.simulate({ lead: SENT })).toMatchObject({
      outcome: "unassigned",
      trail: [
        {
          outcome: "no_eligible_rep",
          ownerId: "bo",
          reason: "bo owns account Acme (acme.com) but has reached their own cap of leads a day",
        },
        { rule: "DACH" },
        { rule: "hot" },
        { rule: "partners" },
        { rule: "Austria again" },
        { rule: "fallback" },
      ],
    });
  });

  it("says when a lead would wait, for whom and how long", async () => {
    const router = openRouter();
    await router.addRep("ana", { patient: { dailyCap: 0 } });
    const lead = { email: "jane@acme.com", source: "partner" };
    const before = router.dump();
    expect(await router.simulate({ lead })).toMatchObject({
      outcome: "waiting",
      ownerId: null,
      podId: "patient",
      rule: "partners",
      reason: "It would wait in patient: nobody in patient was eligible (1 at their daily cap).",
      until: new Date(NOW + 30 * HOUR).toISOString(),
      trail: [{ rule: "matched account" }, { rule: "DACH" }, { rule: "hot" }],
    });
    expect(router.dump()).toBe(before);
  });

  it("looks at another instant by its absences, and says what it goes by", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    const times = (from: number, until: number) => ({ from: NOW + from, until: NOW + until });
    await putAbsence(router.deps, "x", "ana", "next", {
      ...times(24 * HOUR, 48 * HOUR),
      note: null,
    });
    await putAbsence(router.deps, "x", "ana", "last", {
      ...times(-96 * HOUR, -72 * HOUR),
      note: null,
    });
    const at = async (hours: number) => {
      const answer = await router.simulate({
        lead: SENT,
        at: new Date(NOW + hours * HOUR).toISOString(),
      });
      const { candidates } = answer.trail[1];
      return [candidates[0].eligibility, answer.notes.length];
    };
    expect(await at(0)).toEqual(["eligible", 1]);
    expect(await at(30)).toEqual(["absent", 2]);
    expect(await at(50)).toEqual(["eligible", 2]);
    expect(await at(-80)).toEqual(["absent", 2]);
  });

  it("takes any instant that can be written", async () => {
    const router = openRouter();
    await router.addRep(
      "ana",
      { dach: {}, patient: {} },
      { timeZone: "Pacific/Kiritimati", workingHours: { mon: [["09:00", "17:00"]] }, dailyCap: 3 },
    );
    for (const at of ["1970-01-01T00:00:00Z", "9998-12-31T23:59:59.999Z"])
      for (const source of ["ads", "partner"])
        await router.simulate({ lead: { ...SENT, lead_source: source }, at });
  });

  it("says what a re-route of a stored lead would decide", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    await router.addRep("bo", { dach: {} });
    const lead = await router.addLead();
    expect(await router.route(lead)).toMatchObject({ ownerId: "ana" });
    await router.route(await router.addLead()); // bo's, so that it is ana's turn again
    const before = router.dump();
    expect(await router.simulate({ leadId: lead.id })).toMatchObject({ ownerId: "ana", notes: [] });
    const excluding = await router.simulate({ leadId: lead.id, excludeOwner: true });
    expect(router.dump()).toBe(before);

    await requestReroute(router.deps, "ana", lead.id, { force: true, reason: "no answer" });
    const real = await router.route(lead, 2);
    expect(real).toMatchObject({ ownerId: "bo" });
    expect(excluding.trail).toEqual(real && presentDecision(real).trail);
  });

  it("warns that a real re-route would be refused", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    const lead = await router.addLead();
    await router.route(lead);
    await router.call("POST", `/leads/${lead.id}/close`, { reason: "won" });
    expect((await router.simulate({ leadId: lead.id })).notes).toEqual([
      `The lead is closed. Generation 1 stands: it is assigned to ana. POST /leads/${lead.id}/route would be refused.`,
    ]);
    await router.call("DELETE", `/leads/${lead.id}`);
    expect(await router.simulate({ leadId: lead.id }, 409)).toMatchObject({
      detail: expect.stringMatching(/^The lead's personal data was erased/),
    });
    expect(await router.simulate({ leadId: "nobody" }, 404)).toMatchObject({ title: "not found" });
  });

  it("takes a lead as this API shows it, and says how it read it", async () => {
    const router = openRouter();
    const { id } = await router.addLead({ fields: { company_size: 12 }, score: 90 });
    const { json } = await router.call("GET", `/leads/${id}`);
    const shown: any = json;
    const { lead, notes } = await router.simulate({ lead: shown.lead });
    const { id: _, receivedAt: __, erasedAt: ___, ...own } = shown.lead;
    const { state, ownerId, summary, ...normalised } = own;
    expect([state, ownerId]).toEqual(["pending", null]);
    expect(summary).toBe("Came in and waits to be routed.");
    expect(lead).toEqual(normalised);
    expect(notes).toEqual([
      "lead.fields was opened, as this API shows a lead; POST /leads would keep it as one field.",
    ]);
  });

  it("says of a rule that throws what the router would decide", async () => {
    const broken = {
      ...territory("broken", { countryCode: "DE" }, dach),
      evaluate: () => {
        throw new TypeError("jane@acme.com is no number");
      },
    };
    const router = openLiveRouter(chain(broken, fallback(everyone)));
    const { json } = await router.call("POST", "/simulate", { lead: SENT });
    const { outcome, reason, trail } = json as Record<string, unknown>;
    expect({ outcome, reason, trail }).toEqual({
      outcome: "unassigned",
      reason: "Could not be routed after 1 delivery: a rule threw TypeError.",
      trail: [],
    });
  });

  it("names the pod that does not answer", async () => {
    const router = openRouter();
    router.down.add("dach");
    expect(await router.simulate({ lead: SENT }, 503)).toMatchObject({
      detail: "The pod dach does not answer just now.",
    });
    expect(await router.simulate({ lead: { ...SENT, country: "France" } })).toMatchObject({
      outcome: "unassigned",
    });
  });

  it.each([
    [{}, { lead: "or leadId is required: one of the two" }],
    [{ lead: SENT, leadId: "x" }, { lead: "or leadId is required: one of the two" }],
    [{ lead: SENT, excludeOwner: true }, { excludeOwner: "goes with leadId" }],
    [{ lead: [SENT] }, { lead: "should be an object of what a form sends" }],
    [
      { lead: { country: "Germany" } },
      { "lead.email": "is required unless a phone is given: a lead needs an email or a phone" },
    ],
    [{ lead: { "Your-Email": "jane" } }, { "lead.Your-Email": "should be an email address" }],
    [
      { lead: SENT, at: "tomorrow" },
      { at: "should be an instant in ISO 8601 with an offset: 2026-12-01T09:00:00Z" },
    ],
    [{ lead: SENT, at: "9999-12-31T23:59:59Z" }, { at: "should be before the year 9999" }],
    [{ lead: SENT, when: "now" }, { when: "is not known here" }],
  ])("refuses %j by name", async (body, fields) => {
    const { status, json } = await openRouter().call("POST", "/simulate", body);
    expect({ status, fields: refusedFields(json) }).toEqual({ status: 422, fields });
  });
});

describe("a simulated lead and the same lead for real", () => {
  const cap = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null });
  const rep = fc.record({
    pods: fc.dictionary(
      fc.constantFrom("dach", "sdr", "patient", "everyone"),
      fc.record({ weight: fc.integer({ min: 1, max: 3 }), dailyCap: cap, openCap: cap }),
    ),
    dailyCap: cap,
    timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Pacific/Auckland"),
    nights: fc.boolean(),
    away: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }),
  });
  const lead = fc.record({
    countryCode: fc.constantFrom("DE", "AT", "FR"),
    score: fc.constantFrom(null, 85),
    source: fc.constantFrom("ads", "partner"),
    companyDomain: fc.constantFrom("owned.test", "other.test"),
    later: fc.integer({ min: 0, max: 9 * HOUR }),
  });

  it("have the same owner, pod, rule, reason and trail, and the simulation leaves no trace", async () => {
    const seen = { assigned: 0, unassigned: 0, waiting: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(rep, { minLength: 1, maxLength: 5 }),
        fc.array(lead, { minLength: 1, maxLength: 14 }),
        async (reps, leads) => {
          const router = openRouter();
          for (const [n, { pods, dailyCap, timeZone, nights, away }] of reps.entries()) {
            const workingHours = nights ? { sun: [["20:00", "24:00"]] as const } : null;
            await router.addRep(`rep-${n}`, pods, { dailyCap, timeZone, workingHours });
            const from = NOW + (away ?? 0) * HOUR;
            const absence = { from, until: from + 5 * HOUR, note: null };
            if (away !== null) await putAbsence(router.deps, "x", `rep-${n}`, "a", absence);
          }
          const account = { domain: "owned.test", accountId: "a-1", name: "A", ownerId: "rep-0" };
          await putAccount(router.deps, "x", account);

          for (const { later, ...like } of leads) {
            router.clock.now += later;
            const before = router.dump();
            const {
              at,
              chainVersion,
              lead: normalised,
              notes,
              until,
              ...simulated
            } = await router.simulate({ lead: { email: "jane@acme.com", ...like } });
            expect(router.dump()).toBe(before);

            const real = await router.route(await router.addLead(normalised));
            seen[simulated.outcome as keyof typeof seen] += 1;
            if (JSON.stringify(simulated.trail).includes('their own cap of leads a day"'))
              seen.refused += 1;
            if (simulated.outcome === "waiting") expect(real).toBeUndefined();
            else {
              expect(real && presentDecision(real)).toMatchObject(simulated);
              expect(real && presentDecision(real).trail).toEqual(simulated.trail);
              expect([at, notes, until]).toEqual([
                new Date(router.clock.now).toISOString(),
                [],
                null,
              ]);
              expect(real?.chainVersion).toBe(chainVersion);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
    // Every way a lead can go was gone, or this would say little.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
  }, 60_000);
});
