import { expect, it } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { openForms } from "./forms-world.ts";

const JANE = { email: "jane@acme.test", message: "Hi" };

it("gives each form keys of its own: the same key at two forms is two leads", async () => {
  const door = openForms([form("contact", {}), form("other", {})]);
  const key = { "Idempotency-Key": "k1" };
  const statuses = [];
  for (const [path, email] of [
    ["/f/contact", "jane@acme.test"],
    ["/f/other", "bo@acme.test"],
    ["/f/contact", "jane@acme.test"],
    ["/f/contact", "bo@acme.test"],
  ] as const)
    statuses.push((await door.postJson(path, { email }, key)).status);
  expect(statuses).toEqual([200, 200, 200, 422]);
  expect((await door.leads()).map(({ email }) => email)).toEqual([
    "jane@acme.test",
    "bo@acme.test",
  ]);
});

it("answers a double click on a form with a captcha with the first lead, and a used answer to anything else with 403", async () => {
  let asked = 0;
  const door = openForms(
    [form("contact", { captcha: { turnstile: "TURNSTILE", whenUnreachable: "accept" } })],
    {
      secret: () => "secret",
      fetch: async () =>
        Response.json(
          ++asked === 1
            ? { success: true, hostname: "site.test" }
            : { success: false, "error-codes": ["timeout-or-duplicate"] },
        ),
    },
  );
  const sent = { ...JANE, "cf-turnstile-response": "token" };
  const first = await door.postJson("/f/contact", sent);
  const second = await door.postJson("/f/contact", sent);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await second.json()).toEqual(await first.json());
  expect((await door.postJson("/f/contact", { ...sent, message: "Other" })).status).toBe(403);
  expect(await door.leads()).toHaveLength(1);
});
