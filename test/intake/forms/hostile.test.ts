import fc from "fast-check";
import { expect, it } from "vitest";
import { REDIRECT_NAMES, REPLY_NAMES } from "../../../src/rules/own-fields.ts";
import { form } from "../../../src/rules/form.ts";
import { openForms } from "./forms-world.ts";

const NAMES = [
  "email phone name data fields context hs_context __proto__ toString",
  "_gotcha botcheck _test _webhook cf-turnstile-response q1 budget",
]
  .flatMap((names) => names.split(" "))
  .concat(REDIRECT_NAMES, REPLY_NAMES);
const CONTACT = form("contact", { fieldAliases: { q1: "budget" }, honeypot: "name" });

/** Answers of a door at which nothing is wrong but what is posted: never a fault of ours. */
function expectNoFault(status: number): void {
  expect([200, 303, 400, 413, 415, 422, 503]).toContain(status);
}

it.each(["/f/contact", "/submissions/v3/integration/submit/1/contact"])(
  "whatever JSON is posted to %s, the door does not fail",
  async (path) => {
    const { postJson, logged } = openForms([CONTACT]);
    const body = fc.dictionary(fc.constantFrom(...NAMES), fc.jsonValue({ maxDepth: 3 }), {
      maxKeys: 8,
    });
    await fc.assert(
      fc.asyncProperty(body, async (fields) => {
        expectNoFault((await postJson(path, fields)).status);
      }),
    );
    expect(logged.filter(({ event }) => event === "form_failed")).toEqual([]);
  },
);

it.each(NAMES)("nests %s as deep as a body is long, and the door does not fail", async (name) => {
  const deep = `${"[".repeat(40_000)}${"]".repeat(40_000)}`;
  const { send, logged } = openForms([CONTACT]);
  const json = { Origin: "https://site.test", "Content-Type": "application/json" };
  for (const body of [`{"${name}":${deep}}`, `{"email":"jane@acme.test","${name}":${deep}}`])
    expectNoFault((await send("/f/contact", body, json)).status);
  expect(logged.filter(({ event }) => event === "form_failed")).toEqual([]);
});

it("says nothing of what was sent in the log", async () => {
  const { post, logged } = openForms([CONTACT], {
    leads: { send: () => Promise.reject(new Error("no queue for jane@acme.test")) },
  });
  await post("/f/contact", { email: "jane@acme.test", _webhook: "https://evil.test/jane" });
  expect(logged.length).toBeGreaterThan(0);
  expect(JSON.stringify(logged)).not.toContain("jane");
});
