import { withDeps } from "../../../with-deps.ts";
import { expect, it } from "vitest";
import type { Deps } from "../../../../src/ports/deps.ts";
import { intakeApp } from "../../../../src/intake/leads-endpoint.ts";
import { fakeDeps } from "../../../intake/api/fakes.ts";
import { openD1 } from "../../../record/sqlite-d1.ts";
import { checkAnswer, operations } from "../contract.ts";

/** What the door answers to this request, held against the document; yields the status. */
async function answer(init: RequestInit, overrides: Partial<Deps> = {}): Promise<number> {
  const { deps } = fakeDeps(openD1(), overrides);
  const request = new Request("https://router.test/leads", { method: "POST", ...init });
  const response = await withDeps(intakeApp(), () => deps).request(request);
  const type = response.headers.get("Content-Type");
  const json = type?.includes("json") ? await response.json() : null;
  checkAnswer("POST", "/leads", response.status, type, json);
  return response.status;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const ALL_DOWN = {
  db: openD1().through(() => Promise.reject(new Error("down"))),
  leads: { send: () => Promise.reject(new Error("down")) },
};
const LEAD = JSON.stringify({ email: "jane@acme.test" });

it("the document says what POST /leads answers", async () => {
  const door = operations.find(({ path }) => path === "/leads");
  const form = new FormData();
  form.set("email", "jane@acme.test");
  const browser = { "Content-Type": "application/x-www-form-urlencoded", Accept: "text/html" };
  const statuses = [
    await answer({ body: LEAD, headers: JSON_TYPE }),
    await answer({ body: form }),
    await answer({ body: "email=jane@acme.test", headers: browser }),
    await answer({ body: "{", headers: JSON_TYPE }),
    await answer({ body: LEAD, headers: { ...JSON_TYPE, "Idempotency-Key": "a b" } }),
    await answer({ body: `{"x":"${"x".repeat(100_001)}"}`, headers: JSON_TYPE }),
    await answer({ body: LEAD, headers: { "Content-Type": "text/plain" } }),
    await answer({ body: JSON.stringify({ email: "jane" }), headers: JSON_TYPE }),
    await answer({ body: "email=jane", headers: browser }),
    await answer({ body: LEAD, headers: JSON_TYPE }, ALL_DOWN),
  ];
  expect(statuses).toEqual([200, 200, 303, 400, 400, 413, 415, 422, 422, 503]);
  expect(Object.keys(door?.operation.responses ?? {})).toEqual([
    "200",
    "303",
    "400",
    "413",
    "415",
    "422",
    "500",
    "503",
  ]);
});

it("the document says what GET /healthz answers", async () => {
  const { deps } = fakeDeps(openD1());
  const response = await withDeps(intakeApp(), () => deps).request("/healthz");
  expect(response.status).toBe(200);
  checkAnswer("GET", "/healthz", 200, response.headers.get("Content-Type"), await response.json());
});
