import { describe, expect, it } from "vitest";
import { rollUp } from "../../../../src/ops/metrics/roll-up.ts";
import { localDay } from "../../../../src/roster/calendar.ts";
import { ago, DAY, HOUR, openHistory, randomPast, type History } from "../../metrics/history.ts";
import { refusedFields } from "../api-client.ts";

/** The same count from the decisions themselves, as "day/rep/…: decisions". */
function bruteForce({ db }: History, by: readonly string[], zone: string): Record<string, number> {
  const rows = db.sqlite
    .prepare(
      `SELECT d.decided_at AS at, d.owner_id AS rep, d.pod_id AS pod, d.rule, l.source, d.outcome
       FROM decisions d JOIN leads l ON l.id = d.lead_id`,
    )
    .all();
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const values: Record<string, unknown> = { ...row, day: localDay(zone, Number(row["at"])) };
    const key = by.map((dimension) => String(values[dimension])).join("/");
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function asCounts(json: any): Record<string, number> {
  return Object.fromEntries(
    json.items.map((item: any) => [
      json.by.map((dimension: string) => String(item[dimension])).join("/"),
      item.decisions,
    ]),
  );
}

describe("GET /metrics/assignments", () => {
  it.each([
    ["day,rep", "UTC"],
    ["day,rep", "Asia/Kolkata"],
    ["day", "America/St_Johns"],
    ["pod,rule,outcome", "UTC"],
    ["source,day,pod", "Pacific/Kiritimati"],
    ["outcome", "UTC"],
    ["day,rep,pod,rule,source,outcome", "Asia/Kathmandu"],
  ])("by %s in %s is what the decisions say", async (by, zone) => {
    const history = openHistory();
    await randomPast(history, 60, 6);
    await rollUp(history.deps);
    await randomPast(history, 10, 1);
    const { status, json } = await history.call(
      "GET",
      `/metrics/assignments?by=${by}&zone=${zone}`,
    );
    expect(status).toBe(200);
    expect(asCounts(json)).toEqual(bruteForce(history, by.split(","), zone));
    const all = history.count("SELECT count(*) AS n FROM decisions");
    const later = history.count("SELECT count(*) AS n FROM decisions WHERE generation > 1");
    expect(json).toMatchObject({
      complete: true,
      zone,
      by: by.split(","),
      total: { decisions: all, first: all - later, later },
      rest: { decisions: 0, first: 0, later: 0 },
    });
  });

  it("counts per day and rep when nobody says otherwise, sorted", async () => {
    const history = openHistory();
    const at = (receivedAt: number, ownerId: string) => ({ receivedAt, ownerId });
    await history.decide(at(ago(DAY), "bo"), at(ago(HOUR), "cy"), at(ago(HOUR), "ana"));
    await history.decide({
      receivedAt: ago(HOUR),
      outcome: "unassigned",
      ownerId: null,
      podId: null,
      rule: null,
    });
    const { json } = await history.call("GET", "/metrics/assignments");
    expect(json).toMatchObject({
      from: "2026-11-15T09:30:00.000Z",
      to: "2026-11-22T09:45:00.000Z",
      items: [
        { day: "2026-11-21", rep: "bo", decisions: 1, first: 1, later: 0 },
        { day: "2026-11-22", rep: "ana", decisions: 1, first: 1, later: 0 },
        { day: "2026-11-22", rep: "cy", decisions: 1, first: 1, later: 0 },
        { day: "2026-11-22", rep: null, decisions: 1, first: 1, later: 0 },
      ],
    });
  });

  it.each([
    ["by=", "by"],
    ["by=day,weather", "by"],
    ["by=day,day", "by"],
    ["zone=Mars/Olympus", "zone"],
    ["zone=%2B01:07", "zone"],
    ["from=yesterday", "from"],
    ["from=2026-11-23T00:00:00Z", "from"],
    ["from=2026-08-01T00:00:00Z", "from"],
    ["from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from"],
    ["to=2026-13-01T00:00:00Z", "to"],
    ["colour=red", "colour"],
  ])("refuses ?%s by name", async (search, field) => {
    const { status, json } = await openHistory().call("GET", `/metrics/assignments?${search}`);
    expect(status).toBe(400);
    expect(Object.keys(refusedFields(json))).toEqual([field]);
  });

  it("takes 92 days, and no future", async () => {
    const { status, json } = await openHistory().call(
      "GET",
      "/metrics/assignments?from=2026-08-22T10:00:00Z&to=2031-01-01T00:00:00Z",
    );
    expect(status).toBe(200);
    expect(json).toMatchObject({ to: "2026-11-22T09:45:00.000Z", upTo: null, complete: true });
  });
});
