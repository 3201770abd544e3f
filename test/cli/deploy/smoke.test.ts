import { expect, test } from "vitest";
import { smokeCommand } from "../../../src/cli/deploy/smoke-command.ts";

const ENV = { LEAD_ROUTER_URL: "https://router.test/", LEAD_ROUTER_TOKEN: "canary-token" };
const WELL = {
  "GET /healthz": { ok: true },
  "GET /api/health/consistency": {
    balanced: true,
    leads: 3,
    undecided: 1,
    pods: [{ podId: "dach", claims: 2 }],
  },
  "POST /leads": { id: "lead1" },
  "GET /api/leads/lead1": { decisions: [{ outcome: "assigned", rule: "DACH", ownerId: "bo" }] },
};

/** @param router its answers by call; what is not there answers 503 */
async function smoke(args: readonly string[], router: Record<string, unknown>, env: object = ENV) {
  const said: string[] = [];
  const calls: string[] = [];
  const code = await smokeCommand(args, {
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    env: { ...env },
    sleep: async () => {},
    fetch: async (input, init) => {
      const call = `${init?.method ?? "GET"} ${new URL(String(input)).pathname}`;
      calls.push(call);
      const answer = router[call];
      return answer === undefined
        ? Response.json({ detail: "away" }, { status: 503 })
        : Response.json(answer);
    },
  });
  return { code, calls, said: said.join("\n") };
}

test("a router that is well is well, and gets no lead", async () => {
  const { code, calls, said } = await smoke([], WELL);
  expect(code).toBe(0);
  expect(calls).toEqual(["GET /healthz", "GET /api/health/consistency"]);
  expect(said).toContain("3 leads, 1 of them undecided, 1 pods.");
});

test("with --lead it must decide one", async () => {
  expect((await smoke(["--lead"], WELL)).said).toContain("lead1 was decided: assigned, bo");
  const undecided = await smoke(["--lead"], { ...WELL, "GET /api/leads/lead1": { decisions: [] } });
  expect(undecided).toMatchObject({ code: 1 });
  expect(undecided.said).toContain("not decided after 90 s");
});

test.each([
  ["GET /healthz", undefined, "does not answer 200 (503)"],
  ["POST /leads", undefined, "POST /leads answers 503"],
  ["GET /api/health/consistency", undefined, "away"],
  [
    "GET /api/health/consistency",
    { balanced: false, leads: 1, undecided: 0, pods: [] },
    "do not add up",
  ],
  [
    "GET /api/health/consistency",
    { balanced: true, leads: 1, undecided: 0, pods: [{ podId: "dach", claims: null }] },
    "do not answer: dach",
  ],
])("%s: %j is told", async (call, answer, words) => {
  const { code, said } = await smoke(["--lead"], { ...WELL, [call]: answer });
  expect(code).toBe(1);
  expect(said).toContain(words);
  expect(said).not.toContain("canary");
});

test.each([
  [["--leed"], ENV],
  [[], {}],
  [[], { LEAD_ROUTER_URL: "https://router.test" }],
])("%j with %j cannot be asked", async (args, env) => {
  expect((await smoke(args, WELL, env)).code).toBe(2);
});
