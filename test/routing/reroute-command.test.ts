import { beforeEach, describe, expect, it } from "vitest";
import { rerouteCommand } from "../../src/cli/reroute/reroute-command.ts";
import { leadsApp } from "../ops/api/leads/leads-app.ts";
import { NOW } from "../intake/api/fakes.ts";
import { Desk, leadId } from "./desk.ts";

const WRONG = "bad0bad0bad0";
const BULK = "6b1f0a52-6c59-4b0c-9d0e-2f7f5c0a9a11";
const ARGS = [
  "--url",
  "https://router.test",
  "--from",
  new Date(NOW).toISOString(),
  "--chain-version",
  WRONG,
  "--reason",
  "the DACH rule was wrong",
];

let desk: Desk;
let calls: number;
/** The number of the call that gets no answer; 0 = none. */
let lost: number;

/** Runs the command against the real API. */
async function run(...args: string[]) {
  const app = leadsApp(desk.deps);
  const out: string[] = [];
  const err: string[] = [];
  const answer = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname } = new URL(String(url));
    const { status, body } = await app.post(
      pathname.replace("/api", ""),
      JSON.parse(String(init?.body)),
    );
    if (++calls === lost) throw new Error("the line went dead");
    return Response.json(body, { status });
  };
  const code = await rerouteCommand(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env: { LEAD_ROUTER_TOKEN: "secret" },
    fetch: answer,
    newId: () => BULK,
  });
  return { code, out, err: err.join("\n") };
}

beforeEach(async () => {
  desk = new Desk();
  [calls, lost] = [0, 0];
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  for (let n = 1; n <= 250; n++)
    await desk.decide(await desk.addLead(n), n % 5 === 0 ? "cy" : "bo", { chainVersion: WRONG });
});

describe("npm run reroute", () => {
  it("says what it would do, and does nothing", async () => {
    const { code, out } = await run(...ARGS);
    expect(code).toBe(0);
    expect(out).toEqual([
      "250 leads would be re-routed",
      "  who had them   bo 200, cy 50",
      "  by rule        DACH 250",
      "Nothing was changed. To re-route these leads, run the same command with --yes.",
    ]);
    expect(desk.sent).toEqual([]);
  });

  it("does it with --yes, step by step", async () => {
    const { code, out } = await run(...ARGS, "--yes");
    expect(code).toBe(0);
    expect(out).toContain("250 leads are on their way to a new decision");
    expect(out.at(-1)).toContain(BULK);
    expect(new Set(desk.sent.map(({ leadId: id }) => id)).size).toBe(250);
  });

  it("is broken off when an answer is lost, and carried on under its name: no lead twice", async () => {
    lost = 5;
    const broken = await run(...ARGS, "--yes");
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining(`--bulk ${BULK}`)]);
    const sentBefore = desk.sent.length;
    expect(sentBefore).toBeGreaterThan(0);
    const { code } = await run(...ARGS, "--yes", "--bulk", BULK);
    expect(code).toBe(0);
    expect(desk.sent.map(({ leadId: id }) => id).toSorted()).toEqual(
      Array.from({ length: 250 }, (_, n) => leadId(n + 1)),
    );
  });

  it.each([
    [["--yes"], "--url"],
    [["--url", "https://router.test"], "--from"],
    [["--url", "https://router.test", "--from", "2026-11-23T08:00:00Z"], "--reason"],
    [["--url", "ftp://x", "--from", "x", "--reason", "x"], "--url"],
    [[...ARGS, "--rulez", "x"], "--rulez"],
  ])("does not understand %j, and says %s", async (args, word) => {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(word)]);
  });
});
