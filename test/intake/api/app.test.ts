import { withDeps } from "../../with-deps.ts";
import { describe, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import { intakeApp } from "../../../src/intake/leads-endpoint.ts";
import { leadFromRow, leadsByIds } from "../../../src/record/leads.ts";
import { rows } from "../../../src/lib/query.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { fakeDeps } from "./fakes.ts";

function open(overrides: Partial<Deps> = {}) {
  const db = openD1();
  const fake = fakeDeps(db, overrides);
  const app = withDeps(intakeApp(), () => fake.deps);
  const post = (body: BodyInit, headers: Record<string, string>) =>
    app.request("https://router.test/leads", { method: "POST", body, headers });
  const postJson = (lead: unknown, headers: Record<string, string> = {}) =>
    post(JSON.stringify(lead), { "Content-Type": "application/json", ...headers });
  return { ...fake, db, app, post, postJson };
}

describe("POST /leads", () => {
  it("takes a JSON lead end to end", async () => {
    const { db, postJson, sent } = open();
    const answer = await postJson({ Email: "Jane@Acme.com", country: "Austria", message: "Hi" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ok: true, id: "lead-1", status: "received" });
    const [lead] = (await rows(db, leadsByIds(["lead-1"]))).map(leadFromRow);
    expect(lead).toMatchObject({
      email: "jane@acme.com",
      countryCode: "AT",
      companyDomain: "acme.com",
      fields: { message: "Hi" },
    });
    expect(sent).toEqual([{ leadId: "lead-1", generation: 1 }]);
  });

  it("drops the marks that only the router sets: rules route by them", async () => {
    const { db, post, postJson } = open();
    const marks = { _form: "contact", _source: "typeform/contact", _clipped: true };
    await postJson({ email: "jane@acme.com", message: "Hi", ...marks });
    const urlencoded = { "Content-Type": "application/x-www-form-urlencoded" };
    await post("email=bo@acme.com&message=Hi&_form=contact&_source=x", urlencoded);
    const leads = (await rows(db, leadsByIds(["lead-1", "lead-2"]))).map(leadFromRow);
    for (const lead of leads)
      expect(lead).toMatchObject({ source: null, fields: { message: "Hi" } });
    expect(leads.map(({ fields }) => Object.keys(fields))).toEqual([["message"], ["message"]]);
  });

  it("refuses a key that was sent with another lead, naming the header, and keeps nothing", async () => {
    const { db, postJson } = open();
    const key = { "Idempotency-Key": "k1" };
    await postJson({ email: "jane@acme.com" }, key);
    const answer = await postJson({ email: "bo@acme.com" }, key);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ code: "IDEMPOTENCY_KEY_REUSED", field: "Idempotency-Key" }],
    });
    expect(await rows(db, leadsByIds(["lead-2"]))).toEqual([]);
    db.sqlite.exec("UPDATE leads SET email = NULL, fields = '{}', erased_at = 1");
    expect(await (await postJson({ email: "jane@acme.com" }, key)).json()).toMatchObject({
      id: "lead-1",
    });
  });

  it("redirects a browser's form", async () => {
    const { post } = open();
    const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "text/html" };
    expect((await post("email=jane@acme.com", headers)).status).toBe(303);
    const refused = await post("email=jane", headers);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("email should be an email address");
  });

  it("honours Idempotency-Key, and refuses one that is none with 400 naming the header", async () => {
    const { postJson } = open();
    const lead = { email: "jane@acme.com" };
    const ids = [];
    for (const key of ["k1", "k1", "k2", "x".repeat(255)])
      ids.push(
        (await (await postJson(lead, { "Idempotency-Key": key })).json<{ id: string }>()).id,
      );
    expect(ids).toEqual(["lead-1", "lead-1", "lead-3", "lead-4"]);
    for (const key of ["", "a b", "é", "x".repeat(256)]) {
      const answer = await postJson(lead, { "Idempotency-Key": key });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        ok: false,
        errors: [{ field: "Idempotency-Key" }],
      });
    }
  });

  it("answers every refusal with its status, errors that are not empty, and CORS", async () => {
    const allDown = {
      db: openD1().through(() => Promise.reject(new Error("down"))),
      leads: { send: () => Promise.reject(new Error("down")) },
    };
    const { post, postJson } = open();
    const refused: [number, Response][] = [
      [400, await post("{", { "Content-Type": "application/json" })],
      [415, await post("x", { "Content-Type": "text/plain" })],
      [413, await postJson({ email: "jane@acme.com", text: "x".repeat(100_001) })],
      [413, await postJson({ email: "jane@acme.com", text: "x".repeat(99_900) })],
      [422, await postJson({})],
      [503, await open(allDown).postJson({ email: "jane@acme.com" })],
    ];
    for (const [status, answer] of refused) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
      const body = await answer.json<Record<string, unknown>>();
      expect(body).toMatchObject({
        ok: false,
        success: false,
        errors: [{ message: expect.any(String) }],
      });
      expect(body).not.toHaveProperty("next");
    }
  });

  it("answers a fault of ours with 500, its message to nobody, and logs that it was", async () => {
    const { postJson, logged } = open({
      newId: () => {
        throw new Error("secret of jane@acme.com");
      },
    });
    const answer = await postJson({ email: "jane@acme.com" });
    expect(answer.status).toBe(500);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(JSON.stringify([await answer.json(), logged])).not.toContain("jane");
    expect(logged).toMatchObject([{ level: "error", event: "intake_failed" }]);
  });
});

describe("beside it", () => {
  it("lets a script of any origin in: the preflight", async () => {
    const answer = await open().app.request("https://router.test/leads", {
      method: "OPTIONS",
      headers: { Origin: "https://site.test", "Access-Control-Request-Method": "POST" },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(answer.headers.get("Access-Control-Allow-Methods")).toBe("POST,OPTIONS");
    expect(answer.headers.get("Access-Control-Max-Age")).toBe("7200");
    const allowed = answer.headers.get("Access-Control-Allow-Headers")?.split(",");
    expect(allowed).toEqual([
      "Content-Type",
      "Accept",
      "X-Requested-With",
      "Idempotency-Key",
      "Formspree-Client",
      "Formspree-Session-Data",
    ]);
  });

  it("has a thank-you page and a health check", async () => {
    const { app } = open();
    const thanks = await app.request("https://router.test/thanks");
    expect([thanks.status, thanks.headers.get("Content-Type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await thanks.text()).toContain("<h1>Thank you</h1>");
    const health = await app.request("https://router.test/healthz");
    expect([health.status, await health.json()]).toEqual([200, { ok: true }]);
  });
});
