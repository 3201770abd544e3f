import { withDeps } from "../with-deps.ts";
import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { intakeApp } from "../../src/intake/leads-endpoint.ts";
import { callApi } from "./client.ts";
import { openRouter, select } from "./open-router.ts";

const URL = "https://router.test/leads";

function form(entries: Readonly<Record<string, string>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(entries)) data.append(name, value);
  return data;
}

describe("a form posted", () => {
  const sent = (email: string) => ({ email, "first-name": "Jane", country: "Germany" });
  const bodies: Record<string, (email: string) => RequestInit> = {
    "as JSON": (email) => ({
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sent(email)),
    }),
    urlencoded: (email) => ({ body: new URLSearchParams(sent(email)) }),
    "as multipart": (email) => ({ body: form(sent(email)) }),
  };

  it.each(Object.entries(bodies))("%s is answered 200 with the lead's id", async (name, body) => {
    const email = `${name.replaceAll(" ", "-")}@form.test`.toLowerCase();
    const response = await exports.default.fetch(URL, { method: "POST", ...body(email) });
    expect(response.status).toBe(200);
    const answer = await response.json<{ id: string }>();
    expect(answer).toMatchObject({ ok: true, success: true, status: "received" });
    const { lead } = (await callApi("GET", `/leads/${answer.id}`)).json;
    expect(lead).toMatchObject({ email, name: "Jane", countryCode: "DE" });
  });

  it("by a browser is answered 303 to the thank-you page, and the lead is stored", async () => {
    const response = await exports.default.fetch(URL, {
      method: "POST",
      headers: { Accept: "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate" },
      body: new URLSearchParams(sent("browser@form.test")),
      redirect: "manual",
    });
    expect(response.status).toBe(303);
    const thanks = response.headers.get("Location");
    expect(thanks).toBe("https://router.test/thanks");
    expect((await exports.default.fetch(thanks ?? "")).status).toBe(200);
    const { items } = (await callApi("GET", "/leads?email=browser@form.test")).json;
    expect(items).toHaveLength(1);
  });
});

describe("with a chain that never runs", () => {
  const router = openRouter();
  const app = withDeps(intakeApp(), () => router.deps);
  const post = async (email: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await app.request(URL, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ email }),
    });
    return { status: response.status, answer: await response.json<{ id: string }>() };
  };

  it("a form is answered all the same: its lead is stored, undecided, and lies in the queue", async () => {
    const { status, answer } = await post("early@form.test");
    expect(status).toBe(200);
    expect(router.leads).toEqual([{ leadId: answer.id, generation: 1 }]);
    expect(await select("SELECT email FROM leads WHERE id = ?", answer.id)).toEqual([
      { email: "early@form.test" },
    ]);
    const story = (await callApi("GET", `/leads/${answer.id}`)).json;
    expect(story).toMatchObject({ lead: { state: "pending" }, decisions: [], events: [] });
  });

  it("the same Idempotency-Key gets the same id, also in parallel, and there is one lead", async () => {
    const key = { "Idempotency-Key": "order-4711" };
    const answers = await Promise.all([1, 2, 3].map(() => post("twice@form.test", key)));
    answers.push(await post("twice@form.test", key));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ answer }) => answer.id)).size).toBe(1);
    expect(await select("SELECT count(*) AS n FROM leads WHERE email = 'twice@form.test'")).toEqual(
      [{ n: 1 }],
    );
  });
});
