import { expect, test } from "vitest";
import { ACCOUNTS, accountsAsCsv, placeMembers, raiseCaps, REPS } from "../../demo/sample-team.ts";
import { LEADS } from "../../demo/sample-leads.ts";
import chain from "../../rules.ts";
import type { Facts } from "../../src/rules/rule.ts";
import { walk } from "../../src/rules/walk.ts";
import { findDomain } from "../../src/intake/draft/values.ts";
import { parseLead } from "../../src/intake/draft/parse-lead.ts";
import { isTimeZone } from "../../src/roster/calendar.ts";

const members = placeMembers(chain.pods);

function parsedLeads() {
  return LEADS.map(({ label, encoding, fields }, at) => {
    const sent =
      encoding === "json"
        ? fields
        : Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
    const parsed = parseLead(sent);
    if (!parsed.ok) throw new Error(`${label} is refused: ${parsed.errors[0].message}`);
    return { ...parsed.draft, id: String(at), receivedAt: 0 };
  });
}

function accountOf(domain: string | null): Facts["account"] {
  const account = ACCOUNTS.find((one) => one.domain === domain);
  if (account === undefined) return null;
  const rep = REPS.find(({ id }) => id === account.ownerId);
  if (rep === undefined) return { ...account, owner: null };
  const unavailable = rep.leave === undefined ? null : "is away";
  return {
    ...account,
    owner: { repId: rep.id, rev: 1, active: true, day: "2026-11-22", unavailable },
  };
}

/** How many sample leads stop at each rule, before any cap applies. */
function leadsPerRule(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const lead of parsedLeads()) {
    const facts = { account: accountOf(lead.companyDomain), excluded: new Map<string, string>() };
    const stop = walk(chain, lead, facts, 0);
    const name = stop.stop === "exhausted" ? "none" : stop.rule.name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test("ten reps in different time zones are spread over the five pods of rules.ts, one of them on leave", () => {
  expect(REPS).toHaveLength(10);
  expect(new Set(REPS.map(({ timeZone }) => timeZone)).size).toBe(10);
  expect(REPS.every(({ timeZone }) => isTimeZone(timeZone))).toBe(true);
  expect(REPS.filter(({ leave }) => leave !== undefined)).toHaveLength(1);
  expect(chain.pods).toHaveLength(5);
  expect(new Set(members.map(({ podId }) => podId))).toEqual(
    new Set(chain.pods.map(({ id }) => id)),
  );
  expect(new Set(members.map(({ repId }) => repId))).toEqual(new Set(REPS.map(({ id }) => id)));
});

test("pods of the user's own rules get members too", () => {
  const placed = placeMembers([
    { id: "partners", settings: {} },
    { id: "dach", settings: {} },
    { id: "apac", settings: {} },
  ]);
  const reps = (podId: string) => placed.filter((member) => member.podId === podId).length;
  expect([reps("partners"), reps("dach"), reps("apac")]).toEqual([3, 2, 3]);
});

test("each of the two hundred accounts has a domain that the API accepts unchanged", () => {
  expect(ACCOUNTS).toHaveLength(200);
  expect(new Set(ACCOUNTS.map(({ domain }) => domain)).size).toBe(200);
  expect(ACCOUNTS.filter(({ domain }) => findDomain(domain) !== domain)).toEqual([]);
  expect(accountsAsCsv().trimEnd().split("\n")).toHaveLength(201);
});

test("the router accepts all sixty leads, JSON and forms", () => {
  expect(parsedLeads()).toHaveLength(60);
  expect(new Set(LEADS.map(({ encoding }) => encoding))).toEqual(new Set(["json", "form"]));
});

test("the leads reach every rule", () => {
  expect(leadsPerRule()).toEqual({
    "matched account": 9,
    DACH: 12,
    hot: 15,
    warm: 11,
    "small teams": 3,
    unscored: 6,
    fallback: 4,
  });
});

test("the caps leave a handful of leads unassigned", () => {
  const capacity = (podId: string) =>
    members
      .filter((member) => member.podId === podId)
      .filter(({ repId }) => REPS.find(({ id }) => id === repId)?.leave === undefined)
      .map(({ dailyCap }) => {
        const pod = chain.pods.find(({ id }) => id === podId);
        return dailyCap ?? pod?.settings.dailyCap ?? Infinity;
      })
      .reduce((sum, cap) => sum + cap, 0);
  const { hot = 0, fallback = 0, DACH = 0 } = leadsPerRule();
  const passedOn = Math.max(0, hot - capacity("enterprise"));
  expect(passedOn + fallback - capacity("everyone")).toBe(5);
  expect(DACH).toBeLessThanOrEqual(capacity("dach"));
});

test("a file is not held up by any cap", () => {
  const raised = raiseCaps(REPS, members, 5000);
  expect(raised.members.every(({ dailyCap }) => dailyCap === 5000)).toBe(true);
  expect(raised.reps.every(({ dailyCap = 5000 }) => dailyCap === 5000)).toBe(true);
});
