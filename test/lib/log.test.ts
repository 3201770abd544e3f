import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Lead } from "../../src/rules/lead.ts";
import type { Log } from "../../src/lib/log.ts";
import { logAt, traceOf, writeLog } from "../../src/lib/log.ts";
import { leadText, openCanaryRouter } from "./canary-router.ts";

const ID = "01a20297-5d67-7447-8028-4b4098006c00";

/** What a log writes, each line with its level. */
function readLog(): [string, unknown][] {
  const lines: [string, unknown][] = [];
  for (const level of ["info", "warn", "error"] as const) {
    const spy = vi.spyOn(console, level);
    spy.mockImplementation((line: string) => void lines.push([level, JSON.parse(line)]));
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}

describe("a line", () => {
  it("is JSON: the event, what it is about, and the trace of the lead", () => {
    const lines = readLog();
    writeLog("info", "routed", { leadId: ID, generation: 1, pod: "dach", rule: null, ms: 41 });
    writeLog("error", "alerts_not_checked");
    expect(lines).toEqual([
      [
        "info",
        {
          event: "routed",
          trace: "01a202975d67744780284b4098006c00",
          leadId: ID,
          generation: 1,
          pod: "dach",
          rule: null,
          ms: 41,
        },
      ],
      ["error", { event: "alerts_not_checked" }],
    ]);
  });

  it("has a trace id as W3C Trace Context writes it", () => {
    expect(traceOf(ID)).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });

  it("of what is healthy is left out at the level warn", () => {
    const lines = readLog();
    for (const level of ["warn", "info", undefined, 7]) {
      logAt(level)("info", "routed");
      logAt(level)("warn", "routing_retried");
    }
    expect(lines.map(([level]) => level)).toEqual([
      "warn",
      "info",
      "warn",
      "info",
      "warn",
      "info",
      "warn",
    ]);
  });
});

it("what is not on the list of names cannot be logged, nor can a lead be by spreading it", () => {
  const log: Log = () => {};
  const lead = { id: ID } as Lead;
  // @ts-expect-error a name that is not on the list
  log("info", "routed", { colour: "red" });
  // @ts-expect-error a person's
  log("info", "routed", { email: "jane@acme.test" });
  // @ts-expect-error the same, by way of an object that has more than it says
  log("info", "routed", { leadId: ID, ...lead });
  // @ts-expect-error a list could hold anything
  log("info", "routed", { leads: ["jane@acme.test"] });
  expect(traceOf(ID)).toHaveLength(32);
});

it("a search for a lead's trace shows its way: received, routed, told, delivered, and how long each took", async () => {
  const router = await openCanaryRouter();
  const { text } = await router.ask("POST", "/leads", leadText(), {
    "content-type": "application/json",
  });
  const { id } = JSON.parse(text);
  await router.pump();
  const way = router.lines
    .filter((line) => line.includes(traceOf(id)))
    .map((line) => JSON.parse(line));
  expect(way).toMatchObject([
    { event: "lead_received", door: "api", spilled: false, ms: 0 },
    {
      event: "routed",
      generation: 1,
      outcome: "assigned",
      rule: "fallback",
      pod: "sdr",
      attempts: 1,
      sinceReceivedMs: 0,
    },
    { event: "notified", generation: 1, channel: "direct_message" },
    { event: "delivered", generation: 1, destination: "crm", status: 200, tries: 1 },
  ]);
  for (const line of way) expect(line).toMatchObject({ leadId: id, trace: traceOf(id) });
});
