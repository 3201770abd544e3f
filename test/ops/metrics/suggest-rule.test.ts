import { chain, fallback, pod, rule, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { suggestRule } from "../../../src/ops/metrics/suggest-rule.ts";
import type { UnassignedLead } from "../../../src/ops/metrics/unassigned-leads.ts";

const northSea = pod("north-sea");
const sdr = pod("sdr");
const CHAIN = chain(
  territory("FR", { countryCode: "FR", region: "Bretagne" }, northSea),
  fallback(sdr),
);

function lead(changes: Partial<UnassignedLead>): UnassignedLead {
  const missing = { countryCode: null, source: null, companyDomain: null };
  return { leadId: "1", receivedAt: 0, ...missing, tried: 2, deadEnds: [], ...changes };
}

describe("a suggested rule", () => {
  it("has a name that no rule of the chain has, and writes its pod as code does", () => {
    const group = [lead({ countryCode: "FR" })];
    expect(suggestRule(CHAIN, group, group, () => northSea)?.line).toBe(
      'territory("FR (2)", { countryCode: "FR" }, northSea)',
    );
  });

  it("is a line that builds what was asked: as code it catches the same leads", () => {
    const group = [lead({ source: 'the "big" expo' }), lead({ source: 'The "Big" Expo ' })];
    const all = [...group, lead({ source: "web" })];
    const suggestion = suggestRule(CHAIN, group, all, () => sdr, ["source"]);
    expect(suggestion).toMatchObject({
      caught: { ofGroup: 2, group: 2, others: 0 },
      before: "fallback",
    });
    const written = new Function("rule", "sdr", `return ${suggestion?.line}`)(rule, sdr);
    const [first] = group;
    expect(written.evaluate({ ...first, fields: {} }, {}).outcome).toBe("ask_pod");
  });

  it("tells how many of the other leads it would take along", () => {
    const group = [lead({ countryCode: "FR" }), lead({ countryCode: "FR" }), lead({})];
    const all = [...group, lead({ countryCode: "FR" }), lead({ countryCode: "US" })];
    expect(suggestRule(CHAIN, group, all, () => sdr)?.caught).toEqual({
      ofGroup: 2,
      group: 3,
      others: 1,
    });
  });

  it("goes by what leads have, and by what they lack only when they have nothing", () => {
    const mixed = [lead({ companyDomain: "acme.test" }), lead({}), lead({})];
    const line = (group: readonly UnassignedLead[]) =>
      suggestRule(CHAIN, group, group, () => sdr)?.line;
    expect(line(mixed)).toBe(
      'rule("company domain acme.test", { companyDomain: "acme.test" }, sdr)',
    );
    expect(line([lead({})])).toBe('territory("no country", { countryCode: "none" }, sdr)');
  });

  it("is none for leads that have nothing a rule could look at", () => {
    const group = [lead({ source: "none" })];
    expect(suggestRule(CHAIN, group, group, () => sdr, ["source"])).toBeNull();
  });
});
