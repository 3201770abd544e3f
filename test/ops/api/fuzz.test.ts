import { withDeps } from "../../with-deps.ts";
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { apiApp } from "../../../src/ops/api/app.ts";
import { openWorld, TOKENS, type World } from "../../questions/world.ts";
import { expectDecentAnswer } from "./fuzz-answer.ts";
import { apiCalls, callsOf, type FuzzedCall, type Known } from "./fuzz-calls.ts";

// Whatever is sent to whatever route: an answer that the document names, a problem that says what is wrong, and nothing of
// the inside. Half of the calls get as far as the database.

/** Calls of each route: some 4,500 in all. */
const RUNS = 90;
const API_TOKENS = `ana:write:${TOKENS.ana}`;

let world: World;
let app: ReturnType<typeof withDeps>;
let known: Known;
beforeAll(async () => {
  world = await openWorld();
  app = withDeps(apiApp(), () => world.deps);
  const { json } = await world.call("GET", "/leads?limit=5");
  known = {
    leads: json.items.map(({ lead }: any) => lead.id),
    reps: ["bo", "ines", "jay"],
    absences: ["flu"],
    pods: ["dach", "enterprise", "sdr"],
    members: ["bo", "chidi"],
    accounts: ["acme-robotics.example", "cobaltaero.example"],
  };
});

async function tryCall(call: FuzzedCall): Promise<void> {
  world.away.clear();
  if (call.away !== null) world.away.add(call.away);
  await expectDecentAnswer(call, `Bearer ${TOKENS.ana}`, (request) =>
    app.request(request, undefined, { API_TOKENS }),
  );
}

describe.each(apiCalls)("$method $path", (operation) => {
  it("answers whatever is sent, and never with 500", async () => {
    const property = fc.asyncProperty(callsOf(operation, known), tryCall);
    await fc.assert(property, { numRuns: RUNS });
  });
});
