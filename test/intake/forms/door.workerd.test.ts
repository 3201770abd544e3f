import { withDeps } from "../../with-deps.ts";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { formsApp } from "../../../src/intake/forms/form-endpoint.ts";
import { form } from "../../../src/rules/form.ts";
import { callApi } from "../../pipeline/client.ts";
import { metered } from "../../pipeline/metered-database.ts";
import { openRouter, select } from "../../pipeline/open-router.ts";

const ROUTER = "https://router.test";
/** A lead and its index by email: what the door of the API writes too. */
const ROWS_OF_A_LEAD = 2;

async function post(path: string, init: RequestInit): Promise<{ id: string; status: number }> {
  const response = await exports.default.fetch(`${ROUTER}${path}`, { method: "POST", ...init });
  const { id } = await response.json<{ id: string }>();
  return { id, status: response.status };
}

async function storedLead(id: string) {
  const { json } = await callApi("GET", `/leads/${id}`);
  return json.lead;
}

describe("the worker", () => {
  it.each([
    ["/f/contact", {}],
    ["/p/1917/f/contact", {}],
    ["/submit/contact", {}],
    ["/submit", { access_key: "contact" }],
    ["/", { "form-name": "contact" }],
    ["/submissions/v3/integration/submit/1/contact", {}],
    ["/servlet/servlet.WebToLead?encoding=UTF-8", { oid: "contact" }],
  ])("takes a form posted to %s", async (path, controls) => {
    const email = `${path.length}@door.test`;
    const { id, status } = await post(path, { body: new URLSearchParams({ email, ...controls }) });
    expect(status).toBe(200);
    expect(await storedLead(id)).toMatchObject({
      email,
      source: "website",
      fields: { _form: "contact" },
    });
  });

  it("answers a bot as it answers a person, and has it in the quarantine only", async () => {
    const send = async (fields: Record<string, string>) => {
      const body = new URLSearchParams({ message: "Hi", ...fields });
      const answer = await exports.default.fetch(`${ROUTER}/f/contact`, { method: "POST", body });
      const { id, ...rest } = await answer.json<{ id: string }>();
      return { id, shape: [answer.status, [...answer.headers], Object.entries(rest)] };
    };
    const person = await send({ email: "person@door.test", _gotcha: "" });
    const bot = await send({ email: "bot@door.test", _gotcha: "spam" });
    expect(bot.shape).toEqual(person.shape);
    expect(bot.id).toHaveLength(person.id.length);
    expect(await select("SELECT door, reason FROM quarantine WHERE id = ?", bot.id)).toEqual([
      { door: "form:contact", reason: "honeypot:_gotcha" },
    ]);
    expect((await callApi("GET", `/leads/${bot.id}`)).status).toBe(404);
    expect((await callApi("GET", `/leads/${person.id}`)).status).toBe(200);
  });

  it("leaves the other doors as they are", async () => {
    expect((await exports.default.fetch(`${ROUTER}/healthz`)).status).toBe(200);
    expect((await exports.default.fetch(`${ROUTER}/thanks`)).status).toBe(200);
    const { id } = await post("/leads", {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: "api@door.test", _next: "kept" }),
    });
    expect((await storedLead(id)).fields).toEqual({ _next: "kept" });
  });

  it("takes a form with a file larger than a lead may be, and keeps what the file was", async () => {
    const body = new FormData();
    const size = 20_000_000;
    body.set(
      "cv",
      new File([new Uint8Array(size).fill(13)], "cv.pdf", { type: "application/pdf" }),
    );
    body.set("email", "file@door.test");
    const { id, status } = await post("/f/contact", { body });
    expect(status).toBe(200);
    expect((await storedLead(id)).fields).toEqual({
      cv: { name: "cv.pdf", type: "application/pdf", size },
      _form: "contact",
    });
  });

  it("reads a page of windows-1252", async () => {
    const { id } = await post("/f/contact", {
      body: "email=old%40door.test&name=M%FCller",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect((await storedLead(id)).name).toBe("Müller");
  });
});

describe("what a form costs", () => {
  it("is what a lead costs; its repeat is one event and its commit", async () => {
    const { db, meter } = metered(env.DB);
    const router = openRouter({ db, forms: [form("contact")] });
    const app = withDeps(formsApp(), () => router.deps);
    const send = async (fields: Record<string, string>) => {
      const before = meter.rowsWritten;
      const body = new URLSearchParams(fields);
      const answer = await app.request(`${ROUTER}/f/contact`, { method: "POST", body });
      expect(answer.status).toBe(200);
      const { id } = await answer.json<{ id: string }>();
      return { id, written: meter.rowsWritten - before };
    };
    const first = await send({ email: "cost@door.test", message: "Hi" });
    expect(first.written).toBe(ROWS_OF_A_LEAD);
    const again = await send({ email: "cost@door.test", message: "Hi" });
    expect(again).toEqual({ id: first.id, written: 2 });
    const other = await send({ email: "cost@door.test", message: "Bye" });
    expect(other.written).toBe(ROWS_OF_A_LEAD);
    const byPhone = await send({ phone: "+49 30 123456" });
    expect(byPhone.written).toBe(1);
    expect(router.leads.map(({ leadId }) => leadId)).toEqual([first.id, other.id, byPhone.id]);
    expect(
      await select(
        "SELECT kind FROM events WHERE subject_type = 'lead' AND subject_id = ?",
        first.id,
      ),
    ).toEqual([{ kind: "duplicate_submission" }]);
  });
});
