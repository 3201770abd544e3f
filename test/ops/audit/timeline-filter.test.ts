import { beforeAll, describe, expect, it } from "vitest";
import type { TimelineFilter } from "../../../src/ops/audit/timeline.ts";
import { NOW } from "../../intake/api/fakes.ts";
import { leadId } from "../../routing/desk.ts";
import { ANY, places, TimelineWorld } from "./timeline-world.ts";

const world = new TimelineWorld();
const ALIAS = "an-alias";

beforeAll(async () => {
  await world.commit(NOW, [
    { event: { subjectType: "rep", subjectId: "bo", kind: "rep_added" } }, // 1/0
    { event: { subjectType: "member", subjectId: "dach/bo", kind: "member_added" } }, // 1/1
    { event: { subjectType: "member", subjectId: "bo/cy", kind: "member_added" } }, // 1/2
  ]);
  await world.commit(NOW + 10, [
    { decision: { leadId: leadId(1) } }, // 2/0
    { decision: { leadId: leadId(2), ownerId: "cy", podId: "bo", rule: "warm" } }, // 2/1
    { decision: { leadId: leadId(3), ownerId: null } }, // 2/2
  ]);
  await world.commit(NOW + 20, [
    { event: { subjectType: "lead", subjectId: leadId(1), kind: "notified", actor: "router" } }, // 3/0
    {
      event: {
        subjectType: "lead",
        subjectId: leadId(3),
        kind: "waiting",
        actor: "router",
        detail: { podId: "dach" },
      },
    }, // 3/1
  ]);
  await world.commit(NOW + 30, [
    { event: { subjectType: "absence", subjectId: "bo/summer", kind: "absence_added" } }, // 4/0
    { event: { subjectType: "account", subjectId: "acme.com", kind: "account_added" } }, // 4/1
    { event: { subjectType: "import", subjectId: "bo", kind: "imported" } }, // 4/2
  ]);
  await world.commit(NOW + 40, [
    { decision: { leadId: leadId(4), decidedBy: "ana", chainVersion: "beef", rule: null } }, // 5/0
  ]);
  world.db.sqlite.exec(
    `INSERT INTO lead_aliases (id, lead_id) VALUES ('${ALIAS}', '${leadId(1)}')`,
  );
});

describe("a filter of the timeline", () => {
  it.each<[string, Partial<TimelineFilter>, readonly string[]]>([
    ["decisions", { type: "decision" }, ["2/0", "2/1", "2/2", "5/0"]],
    ["events", { type: "event" }, ["1/0", "1/1", "1/2", "3/0", "3/1", "4/0", "4/1", "4/2"]],
    ["a lead", { lead: leadId(1) }, ["2/0", "3/0"]],
    ["a lead by the id its caller has", { lead: ALIAS }, ["2/0", "3/0"]],
    ["a lead's events", { lead: leadId(1), type: "event" }, ["3/0"]],
    ["a lead nobody knows", { lead: "nobody" }, []],
    [
      "a rep: what they got, and what was changed about them",
      { owner: "bo" },
      ["1/0", "1/1", "2/0", "4/0", "5/0"],
    ],
    ["a rep whose id is also a pod's", { owner: "cy" }, ["1/2", "2/1"]],
    [
      "a pod: its decisions, its members, those who wait in it",
      { pod: "dach" },
      ["1/1", "2/0", "3/1", "5/0"],
    ],
    ["a pod whose id is also a rep's", { pod: "bo" }, ["1/2", "2/1"]],
    ["a rule", { rule: "warm" }, ["2/1"]],
    ["an outcome", { outcome: "unassigned" }, ["2/2"]],
    ["a version of the chain", { chainVersion: "beef" }, ["5/0"]],
    ["kinds", { kinds: ["notified", "imported"] }, ["3/0", "4/2"]],
    ["subjects", { subjects: ["absence", "account"] }, ["4/0", "4/1"]],
    [
      "leads, decisions among them",
      { subjects: ["lead"] },
      ["2/0", "2/1", "2/2", "3/0", "3/1", "5/0"],
    ],
    ["the router", { actor: "router" }, ["2/0", "2/1", "2/2", "3/0", "3/1"]],
    ["a person", { actor: "ana", type: "decision" }, ["5/0"]],
    ["a person and what they did", { actor: "ana", kinds: ["rep_added"] }, ["1/0"]],
    ["an outcome of a pod", { pod: "dach", outcome: "assigned" }, ["2/0", "5/0"]],
    ["a span", { from: NOW + 10, to: NOW + 30 }, ["2/0", "2/1", "2/2", "3/0", "3/1"]],
    ["a lead in a span", { lead: leadId(1), from: NOW + 11 }, ["3/0"]],
    ["a span before everything", { to: NOW }, []],
  ])("finds %s", async (_, filter, expected) => {
    for (const limit of [1, 2, 100]) {
      const asked = { ...ANY, ...filter };
      expect(places(await world.readAll(asked, "asc", limit))).toEqual(expected);
      expect(places(await world.readAll(asked, "desc", limit))).toEqual(expected.toReversed());
    }
  });
});
