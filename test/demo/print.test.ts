import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { measureWidth, WIDTH } from "../../demo/terminal.ts";
import type { DecidedLead, Decision } from "../../demo/api-client.ts";
import { planRun } from "../../demo/plan.ts";
import { renderHeader, renderRules, renderTeam } from "../../demo/print-start.ts";
import {
  pickStory,
  renderDecidedLead,
  renderLeadHeading,
  renderStory,
} from "../../demo/print-leads.ts";
import { findPercentile, renderShares, renderUnassigned } from "../../demo/print-summary.ts";
import chain from "../../rules.ts";

const LONG_REASON =
  "No rule found a rep: hot matched but nobody in enterprise was eligible (2 at their daily cap, 1 away); the fallback matched too, but nobody in everyone was eligible (1 at their daily cap).";

function aDecidedLead(about: Partial<Decision> = {}, name = "Mia Keller"): DecidedLead {
  return {
    lead: {
      id: "01990000-0000-7000-8000-000000000001",
      receivedAt: "2026-11-22T10:00:00.000Z",
      name,
      email: "mia@alpenblick.example",
      phone: null,
      company: "Alpenblick Reisen",
      companyDomain: "alpenblick.example",
    },
    decision: {
      outcome: "assigned",
      rule: "DACH",
      podId: "dach",
      ownerId: "bo",
      reason: "bo was next in dach.",
      trail: [
        {
          rule: "matched account",
          outcome: "no_eligible_rep",
          reason: "hugo owns account Alpenblick (alpenblick.example) but is away until 2026-12-01",
        },
        {
          rule: "DACH",
          outcome: "matched",
          reason: "the country is DE",
          podId: "dach",
          candidates: [{ repId: "bo", reason: "has 1 of 15 leads today" }],
          picked: "bo",
        },
      ],
      committedAt: "2026-11-22T10:00:00.750Z",
      ...about,
    },
    milliseconds: 750,
  };
}

function unassignedLead(name: string): DecidedLead {
  const nobody = { rule: null, podId: null, ownerId: null, reason: LONG_REASON, trail: [] };
  return aDecidedLead({ outcome: "unassigned", ...nobody }, name);
}

const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

test("a line shows lead, rule, pod, rep, reason and milliseconds, in this order", () => {
  const [line = ""] = plain(renderDecidedLead(aDecidedLead()));
  const order = ["Mia Keller", "DACH", "dach", "bo", "the country is DE", "750"];
  const places = order.map((part) => line.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test("the columns are under their headings, even after wide characters", () => {
  const [heading = ""] = plain(renderLeadHeading());
  const [one = ""] = plain(renderDecidedLead(aDecidedLead()));
  const [wide = ""] = plain(renderDecidedLead(aDecidedLead({}, "田中 美咲")));
  expect(one.indexOf("DACH")).toBe(heading.indexOf("rule"));
  expect(measureWidth(wide)).toBe(measureWidth(one));
});

test("a lead that was passed on, and one that nobody got, are shown with the full reason", () => {
  const passedOn = plain(renderDecidedLead(aDecidedLead())).join(" ");
  expect(passedOn).toContain("passed on by matched account: hugo owns account Alpenblick");
  const nobody = plain(renderDecidedLead(unassignedLead("Eve")));
  expect(
    nobody
      .slice(1)
      .map((line) => line.trim())
      .join(" "),
  ).toBe(LONG_REASON);
});

test("everything fits a hundred columns", async () => {
  const plan = await planRun(chain, null);
  const leads = [
    aDecidedLead(),
    aDecidedLead({}, "佐藤 ".repeat(40)),
    unassignedLead("x".repeat(300)),
  ];
  const lines = plain([
    ...renderHeader(),
    ...renderRules(chain),
    ...renderTeam(plan, chain.pods, Date.UTC(2026, 10, 22)),
    ...renderLeadHeading(),
    ...leads.flatMap(renderDecidedLead),
    ...renderStory(aDecidedLead({ reason: LONG_REASON })),
    ...renderShares(leads, plan, chain.pods),
    ...renderUnassigned(leads),
  ]);
  expect(lines.filter((line) => measureWidth(line) > WIDTH)).toEqual([]);
});

test("the leads of each pod and rep are counted, and shown with the cap in force", async () => {
  const plan = await planRun(chain, null);
  const leads = [aDecidedLead(), aDecidedLead(), aDecidedLead({ ownerId: "dana" })];
  const lines = plain(renderShares(leads, plan, chain.pods));
  const lineOf = (start: string) => lines.find((line) => line.trim().startsWith(start)) ?? "";
  expect(lineOf("dach")).toMatch(/3$/);
  expect(lineOf("bo")).toMatch(/2 of 15 +67 %/);
  expect(lineOf("dana")).toMatch(/1 of 15 +33 %/);
  expect(lineOf("ana")).toMatch(/0 of 3 +0 %/);
});

test("unassigned leads are listed under their reason, which is shown once", () => {
  const text = plain(renderUnassigned([unassignedLead("Eve"), unassignedLead("Kim")])).join("\n");
  expect(text).toContain("Unassigned: 2");
  expect(text.match(/No rule found a rep/g)).toHaveLength(1);
  expect(text).toMatch(/Eve.*Kim/);
});

test("the story is that of the lead with the most instructive decision", () => {
  const dull = aDecidedLead({ trail: [{ rule: "DACH", outcome: "matched", reason: "x" }] });
  const rich = aDecidedLead();
  expect(pickStory([dull, rich, unassignedLead("Eve")])).toBe(rich);
  expect(pickStory([])).toBeUndefined();
});

test("a percentile is a value that occurred: the nearest rank", () => {
  const times = [10, 20, 30, 40];
  expect([0.5, 0.95, 1].map((part) => findPercentile(times, part))).toEqual([20, 40, 40]);
  expect(findPercentile([], 0.5)).toBe(0);
});
