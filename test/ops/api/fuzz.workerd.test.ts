import { withDeps } from "../../with-deps.ts";
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import { apiApp } from "../../../src/ops/api/app.ts";
import { addMembers, openRouter, storeLeads } from "../../pipeline/open-router.ts";
import { WRITER } from "./api-client.ts";
import { expectDecentAnswer } from "./fuzz-answer.ts";
import { apiCalls, callsOf, type Known } from "./fuzz-calls.ts";

// What fuzz.test.ts shows over node:sqlite, in few calls on the real D1 and pods: they take texts and numbers in their own way.

/** Calls of each route: some 750 in all. */
const RUNS = 15;
const API_TOKENS = "ana:write:write-token";

const router = openRouter();
const app = withDeps(apiApp(), () => router.deps);
let known: Known;
beforeAll(async () => {
  await addMembers(router, "dach", { bo: {}, ines: { ownDailyCap: 4 } });
  const [lead, other] = await storeLeads(router, 2);
  known = {
    leads: [lead?.id ?? "", other?.id ?? ""],
    reps: ["bo", "ines"],
    pods: ["dach", "sdr"],
    members: ["bo", "ines"],
  };
});

describe.each(apiCalls)("$method $path", (operation) => {
  it("answers whatever is sent, and never with 500", { timeout: 30_000 }, async () => {
    const property = fc.asyncProperty(callsOf(operation, known), (call) =>
      expectDecentAnswer(call, WRITER, (request) =>
        app.request(request, undefined, { API_TOKENS }),
      ),
    );
    await fc.assert(property, { seed: 20_261_122, numRuns: RUNS });
  });
});
