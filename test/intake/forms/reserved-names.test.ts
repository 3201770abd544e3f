import { describe, expect, it } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { onlyLead, openForms } from "./forms-world.ts";

const RESERVED = [
  "access_key apikey apiKey accessKey form-name oid",
  "_next _redirect redirect redirectTo redirect_to retURL",
  "_replyto _reply_to replyto replyTo",
  "_subject _cc cc ccemail from_name",
  "_template _autoresponse _format _language _blacklist _webhook _captcha debug debugEmail",
  "g-recaptcha-response h-captcha-response cf-turnstile-response altcha captcha_settings _form _source _clipped",
].flatMap((names) => names.split(" "));

describe("names that steer", () => {
  it.each(RESERVED)("%s is not stored", async (name) => {
    const door = openForms();
    const { status } = await door.postJson("/f/contact", {
      email: "jane@acme.test",
      message: "Hi",
      [name]: "kept@nowhere.test",
    });
    expect(status).toBe(200);
    expect((await onlyLead(door)).fields).toEqual({ message: "Hi", _form: "contact" });
  });

  it("leave a plain subject to the lead: people ask for it as a question", async () => {
    const door = openForms();
    await door.post("/f/contact", { email: "jane@acme.test", subject: "Prices" });
    expect((await onlyLead(door)).fields).toMatchObject({ subject: "Prices" });
  });

  it("fill the address from the one to reply to, where no other is filled", async () => {
    for (const [fields, email] of [
      [{ _replyto: "reply@acme.test" }, "reply@acme.test"],
      [{ _replyto: "reply@acme.test", email: " " }, "reply@acme.test"],
      [{ replyTo: "reply@acme.test", email: "jane@acme.test" }, "jane@acme.test"],
    ] as const) {
      const door = openForms();
      expect((await door.postJson("/f/contact", fields)).status).toBe(200);
      const lead = await onlyLead(door);
      expect(lead.email).toBe(email);
      expect(JSON.stringify(lead.fields)).not.toContain("reply@");
    }
  });

  it.each([
    {},
    { _next: "/thanks", access_key: "contact", _subject: "x" },
    { _gotcha: "", botcheck: false },
  ])("alone make an empty form: 400 EMPTY for %j", async (body) => {
    const answer = await openForms().postJson("/f/contact", body);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { errors: [{ code: "EMPTY" }] },
    ]);
  });

  it("never call a URL that the form asks to have called, and say so in the log without it", async () => {
    const door = openForms();
    await door.post("/f/contact", { email: "jane@acme.test", _webhook: "https://evil.test/jane" });
    expect(door.logged.filter(({ event }) => event !== "lead_received")).toEqual([
      { level: "info", event: "form_webhook_ignored", detail: { form: "contact" } },
    ]);
  });
});

describe("the lead of a form", () => {
  it("has the form's source when it brings none of its own", async () => {
    const forms = [form("contact", { source: "website" })];
    for (const [sent, source] of [
      [{}, "website"],
      [{ utm_source: "google" }, "google"],
      [{ source: "fair" }, "fair"],
    ] as const) {
      const door = openForms(forms);
      await door.postJson("/f/contact", { email: "jane@acme.test", ...sent });
      expect((await onlyLead(door)).source).toBe(source);
    }
  });

  it("keeps both where a field and its other name were sent", async () => {
    const door = openForms([form("contact", { fieldAliases: { q1: "budget" } })]);
    await door.postJson("/f/contact", { email: "jane@acme.test", q1: "1", budget: "2" });
    expect((await onlyLead(door)).fields).toEqual({ q1: "1", budget: "2", _form: "contact" });
  });

  it("is read out of data[email] and fields[name], which stay as they were sent", async () => {
    const door = openForms();
    await door.post("/f/contact", [
      ["data[email]", "jane@acme.test"],
      ["data[name]", "Jane"],
      ["data[interest][]", "a"],
      ["note[a][b]", "deep"],
    ]);
    expect(await onlyLead(door)).toMatchObject({
      email: "jane@acme.test",
      name: "Jane",
      fields: {
        data: { email: "jane@acme.test", name: "Jane", interest: ["a"] },
        "note[a][b]": "deep",
      },
    });
  });
});
