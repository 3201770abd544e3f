import { describe, expect, it } from "vitest";
import type { Lead } from "../../../../src/rules/lead.ts";
import type { Candidate, TrailStep } from "../../../../src/rules/trail.ts";
import type { PodSnapshot } from "../../../../src/ports/pod.ts";
import { rollUp } from "../../../../src/ops/metrics/roll-up.ts";
import { apiClient } from "../api-client.ts";
import { ago, DAY, HOUR, MATCHED, MINUTE, openHistory, type Past } from "../../metrics/history.ts";

type Obstacle = Candidate["eligibility"];

function candidate(repId: string, eligibility: Obstacle): Candidate {
  const nothing = { reason: "", until: null, count: 0, cap: null, weight: 1, balance: 0 };
  return { repId, eligibility, ...nothing };
}

/** A rule that matched in vain, and what was in the way of each member of its pod. */
function deadEnd(rule: string, podId: string, ...obstacles: readonly Obstacle[]): TrailStep {
  const candidates = obstacles.map((obstacle, at) => candidate(`rep-${at}`, obstacle));
  const kind = rule === "fallback" ? "fallback" : "territory";
  return { rule, kind, outcome: "no_eligible_rep", reason: "", podId, candidates };
}

const FULL = deadEnd("fallback", "sdr", "at_daily_cap");

function nobodyGot(lead: Partial<Lead>, trail: readonly TrailStep[] = [FULL]): Past {
  const nobody = { outcome: "unassigned" as const, ownerId: null, podId: null, rule: null };
  return { receivedAt: ago(HOUR), lead, trail, ...nobody };
}

/** A history whose pods have these members eligible now; a pod of null does not answer. */
function openCapacity(eligible: Readonly<Record<string, number | null>>) {
  const history = openHistory();
  const pod = (podId: string) => ({
    ...history.deps.pod(podId),
    async snapshot(): Promise<PodSnapshot> {
      const there = eligible[podId] ?? null;
      if (there === null) throw new Error("Network connection lost.");
      const members = Array.from({ length: there }, (_, n) => ({
        ...candidate(`rep-${n}`, "eligible"),
        open: 0,
        openCap: null,
        received: 0,
      }));
      return { ...(await history.deps.pod(podId).snapshot()), members };
    },
  });
  const call = apiClient({ ...history.deps, pod });
  return {
    ...history,
    async ask(search = ""): Promise<any> {
      const { status, json } = await call("GET", `/metrics/unassigned${search}`);
      expect(status).toBe(200);
      return json;
    },
  };
}

describe("GET /metrics/unassigned", () => {
  it("groups the leads nobody has by country, source, domain and reason", async () => {
    const { decide, ask } = openCapacity({ dach: 0, sdr: 0 });
    await decide(
      nobodyGot({ countryCode: "FR", source: "expo", companyDomain: "acme.test" }),
      nobodyGot({ countryCode: "FR", source: " Expo", companyDomain: null }),
      nobodyGot({ countryCode: null, source: null, companyDomain: "acme.test" }),
    );
    const { leads, allLeads, reason, countryCode, source, companyDomain } = await ask();
    const sizes = ({ groups }: any) =>
      Object.fromEntries(groups.map((group: any) => [group.value, group.leads]));
    expect([leads, allLeads]).toEqual([3, true]);
    expect(sizes(reason)).toEqual({ "fallback matched, nobody in sdr was eligible": 3 });
    expect(sizes(countryCode)).toEqual({ FR: 2, null: 1 });
    expect(sizes(source)).toEqual({ expo: 2, null: 1 });
    expect(sizes(companyDomain)).toEqual({ "acme.test": 2, null: 1 });
  });

  it("leaves out who has an owner by now, is closed or erased, or came outside the range", async () => {
    const { db, decide, decideAgain, ask } = openCapacity({});
    const [again = "", closed = "", erased = ""] = await decide(
      nobodyGot({}),
      nobodyGot({}),
      nobodyGot({}),
      nobodyGot({ countryCode: "FR" }),
      { ...nobodyGot({}), receivedAt: ago(9 * DAY) },
    );
    await decideAgain(again, { receivedAt: ago(HOUR) });
    db.sqlite
      .prepare("INSERT INTO events VALUES ('lead', ?, 'e1', 1, 'closed', 'ana', 0, 1, '{}')")
      .run(closed);
    db.sqlite
      .prepare(
        "UPDATE leads SET email = NULL, phone = NULL, name = NULL, company = NULL, fields = '{}', erased_at = 1 WHERE id = ?",
      )
      .run(erased);
    const { leads, countryCode, causes } = await ask();
    expect(leads).toBe(1);
    expect(countryCode.groups).toMatchObject([{ value: "FR", leads: 1 }]);
    // The decisions that were taken stay counted, whatever became of their leads.
    expect(causes).toEqual([
      { reason: "fallback matched, nobody in sdr was eligible", decisions: 4 },
    ]);
  });

  it("says which rules matched but had nobody, and why", async () => {
    const { decide, ask } = openCapacity({});
    const busy = deadEnd("DACH", "dach", "at_daily_cap", "at_daily_cap", "absent");
    const away = deadEnd("DACH", "dach", "absent", "off_hours", "absent");
    const empty = deadEnd("fallback", "sdr");
    await decide(
      ...Array.from({ length: 9 }, () => nobodyGot({ countryCode: "DE" }, [busy, empty])),
      ...Array.from({ length: 3 }, () => nobodyGot({ countryCode: "DE" }, [away, empty])),
    );
    const { countryCode } = await ask();
    expect(countryCode.groups[0].nobody).toEqual([
      {
        rule: "DACH",
        podId: "dach",
        leads: 12,
        why: [
          { obstacle: "at_daily_cap", leads: 9 },
          { obstacle: "absent", leads: 3 },
        ],
        explanation:
          "DACH matched 12 times, nobody in dach was eligible: 9 at the daily cap, 3 away",
      },
      {
        rule: "fallback",
        podId: "sdr",
        leads: 12,
        why: [{ obstacle: "no_members", leads: 12 }],
        explanation: "fallback matched 12 times, nobody in sdr was eligible: 12 without members",
      },
    ]);
  });

  it("suggests the rule that would have caught each group, and really asks it", async () => {
    const { decide, ask } = openCapacity({ dach: 2, sdr: 0 });
    await decide(
      nobodyGot({ countryCode: "FR", source: "expo", companyDomain: "acme.test" }),
      nobodyGot({ countryCode: "FR", source: "expo", companyDomain: "beta.test" }),
      nobodyGot({ countryCode: "US", source: "Expo", companyDomain: null }),
      nobodyGot({ countryCode: null, source: null, companyDomain: null }),
    );
    const { reason, countryCode, source, companyDomain } = await ask();
    const lines = ({ groups }: any) => groups.map(({ suggestion }: any) => suggestion.line);
    expect(lines(countryCode)).toEqual([
      'territory("FR", { countryCode: "FR" }, dach)',
      'territory("no country", { countryCode: "none" }, dach)',
      'territory("US", { countryCode: "US" }, dach)',
    ]);
    expect(lines(source)).toEqual([
      'rule("source expo", { source: "expo" }, dach)',
      'rule("no source", { source: "none" }, dach)',
    ]);
    expect(lines(companyDomain)).toEqual([
      'rule("no company domain", { companyDomain: "none" }, dach)',
      'rule("company domain acme.test", { companyDomain: "acme.test" }, dach)',
      'rule("company domain beta.test", { companyDomain: "beta.test" }, dach)',
    ]);
    // Of all leads with this reason, those from the fair are most.
    expect(reason.groups[0].suggestion).toEqual({
      line: 'rule("source expo", { source: "expo" }, dach)',
      podId: "dach",
      before: "fallback",
      caught: { ofGroup: 3, group: 4, others: 0 },
      explanation:
        "Before the rule fallback it would have caught 3 of 4; somebody in dach is eligible now.",
    });
    expect(countryCode.groups[0].suggestion.caught).toEqual({ ofGroup: 2, group: 2, others: 0 });
  });

  it("names the pod that got most leads of the same source, if somebody there is eligible", async () => {
    const history = openCapacity({ dach: 5, sdr: 1 });
    const got = (podId: string, source: string): Past => ({
      receivedAt: ago(DAY),
      podId,
      lead: { source },
      trail: [MATCHED],
    });
    await history.decide(
      got("sdr", "Expo"),
      got("sdr", "expo"),
      got("dach", "expo"),
      got("dach", "web"),
    );
    await rollUp(history.deps);
    await history.decide(nobodyGot({ source: "expo" }), nobodyGot({ source: "web" }));
    const { source } = await history.ask();
    expect(source.groups.map(({ suggestion }: any) => suggestion.podId)).toEqual(["sdr", "dach"]);
  });

  it("names no pod when nobody is eligible in any, and shows the rule all the same", async () => {
    const { decide, ask, logged } = openCapacity({ dach: 0, sdr: null });
    await decide(nobodyGot({ countryCode: "FR" }));
    const { countryCode } = await ask();
    expect(countryCode.groups[0].suggestion).toMatchObject({
      line: 'territory("FR", { countryCode: "FR" }, pod)',
      podId: null,
      caught: { ofGroup: 1, group: 1 },
      explanation: expect.stringContaining("it needs a pod with capacity"),
    });
    expect(logged.join()).toContain("pod_not_asked");
  });

  it("suggests nothing that would catch nobody, and names nobody's address", async () => {
    const { decide, ask } = openCapacity({ dach: 1 });
    await decide(nobodyGot({ source: "none" }), nobodyGot({ source: "jane@acme.test" }));
    const answer = await ask();
    expect(answer.source.groups).toMatchObject([
      { value: "(other)", suggestion: null },
      { value: "none", suggestion: null },
    ]);
    expect(JSON.stringify(answer)).not.toContain("jane");
  });

  it("tells of nothing of the person", async () => {
    const { decide, ask } = openCapacity({ dach: 1 });
    const person = {
      email: "jane@acme.test",
      phone: "+49 30 123456",
      name: "Jane Doe",
      company: "Acme",
    };
    await decide(nobodyGot({ ...person, fields: { message: "Hello there" } }));
    const text = JSON.stringify(await ask());
    for (const personal of [...Object.values(person), "Hello there"])
      expect(text).not.toContain(personal);
  });

  it("names the 50 largest groups and counts the rest; of too many leads it takes the newest", async () => {
    const { decide, ask } = openCapacity({ dach: 1 });
    const leads = Array.from({ length: 1_030 }, (_, n) => ({
      ...nobodyGot({ companyDomain: n < 500 ? "acme.test" : `company-${n % 70}.test` }),
      receivedAt: ago(HOUR) - n * 1_000,
    }));
    await decide(...leads);
    const { leads: found, allLeads, companyDomain } = await ask();
    expect([found, allLeads]).toEqual([1_000, false]);
    expect(companyDomain.groups[0]).toMatchObject({
      value: "acme.test",
      leads: 500,
      firstAt: new Date(ago(HOUR) - 499_000).toISOString(),
      lastAt: new Date(ago(HOUR)).toISOString(),
    });
    expect(companyDomain.groups).toHaveLength(50);
    const named = companyDomain.groups.reduce((sum: number, group: any) => sum + group.leads, 0);
    expect(companyDomain.rest).toEqual({ groups: 21, leads: 1_000 - named });
  });

  it("takes a range of arrival", async () => {
    const { decide, ask } = openCapacity({});
    await decide(nobodyGot({}), { ...nobodyGot({}), receivedAt: ago(3 * HOUR) });
    const to = new Date(ago(2 * HOUR + 30 * MINUTE)).toISOString();
    expect((await ask(`?to=${to}`)).leads).toBe(1);
  });
});
