import { describe, expect, it } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { onlyLead, openForms, ROUTER } from "./forms-world.ts";

const GUID = "0f0e0d0c-1111-4222-8333-444455556666";
const DEMO = form("demo", {
  aliases: {
    formspree: ["xwkgabcd", "1917/contact"],
    web3forms: "6e1a-key",
    netlify: "Book a demo",
    hubspot: GUID,
    salesforce: "00D5g000004AbCd",
  },
  fieldAliases: { "00N5g00000Abcde": "budget" },
});
const OTHER = form("other");
const CLOSED = form("closed", { active: false });
const FORMS = [OTHER, DEMO, CLOSED];

const PERSON = { email: "jane@acme.test", name: "Jane" };

describe("the URL or the body says which form it is", () => {
  it.each<[string, string, Record<string, string>]>([
    ["Formspree by key", "/f/demo", {}],
    ["Formspree by its own id", "/f/xwkgabcd", {}],
    ["Formspree with a project, by both", "/p/1917/f/contact", {}],
    ["Formspree with a project, by our key", "/p/anything/f/demo", {}],
    ["Web3Forms", "/submit", { access_key: "6e1a-key" }],
    ["Static Forms", "/submit", { apiKey: "demo" }],
    ["Static Forms, older", "/submit", { accessKey: "6e1a-key" }],
    ["Static Forms, newer", "/submit/6e1a-key", {}],
    ["Netlify", "/", { "form-name": "Book a demo" }],
    ["HubSpot, a plain HTML form", `/submissions/v3/integration/submit/1234567/${GUID}`, {}],
    ["Salesforce", "/servlet/servlet.WebToLead?encoding=UTF-8", { oid: "00D5g000004AbCd" }],
    ["Salesforce, 18 letters", "/servlet/servlet.WebToLead", { oid: "00D5g000004AbCdEAM" }],
    ["Salesforce, newer", "/servlet/servlet.WebToLead?encoding=UTF-8&orgId=00D5g000004AbCd", {}],
  ])("%s", async (_, path, controls) => {
    const door = openForms(FORMS);
    expect((await door.post(path, { ...PERSON, ...controls })).status).toBe(200);
    expect(await onlyLead(door)).toMatchObject({
      email: "jane@acme.test",
      name: "Jane",
      fields: { _form: "demo" },
    });
    expect(Object.keys((await onlyLead(door)).fields)).toEqual(["_form"]);
  });

  it.each<[number, string, string, Record<string, string>]>([
    [404, "FORM_NOT_FOUND", "/f/nobody", {}],
    [404, "FORM_NOT_FOUND", "/submit", {}],
    [404, "FORM_NOT_FOUND", "/submit", { access_key: "wrong" }],
    [404, "FORM_NOT_FOUND", "/", { "form-name": "nobody" }],
    [404, "FORM_NOT_FOUND", "/f/6e1a-key", {}],
    [404, "FORM_NOT_FOUND", "/servlet/servlet.WebToLead", {}],
    [410, "INACTIVE", "/f/closed", {}],
    [410, "INACTIVE", "/submit", { access_key: "closed" }],
  ])("is answered %i %s: %s with %j", async (status, code, path, controls) => {
    const door = openForms(FORMS);
    const answer = await door.post(path, { ...PERSON, ...controls });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ ok: false, errors: [{ code }] });
    expect(await door.leads()).toEqual([]);
  });
});

describe("HubSpot's Forms API", () => {
  const PATH = `/submissions/v3/integration/submit/1234567/${GUID}`;

  it("takes fields by name, the company's as the company's, and keeps where the visitor came from", async () => {
    const door = openForms(FORMS);
    const answer = await door.postJson(PATH, {
      submittedAt: "1517927174000",
      fields: [
        { objectTypeId: "0-1", name: "email", value: "jane@gmail.com" },
        { objectTypeId: "0-1", name: "firstname", value: "Jane" },
        { objectTypeId: "0-1", name: "interest", value: "a" },
        { objectTypeId: "0-1", name: "interest", value: "b" },
        { objectTypeId: "0-2", name: "name", value: "Acme" },
        { objectTypeId: "0-2", name: "domain", value: "acme.com" },
      ],
      context: { hutk: "abc", pageUri: "site.test/demo", pageName: "Demo" },
      legalConsentOptions: { consent: { consentToProcess: true, text: "I agree" } },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      redirectUri: `${ROUTER}/thanks`,
      inlineMessage: expect.any(String),
    });
    expect(await onlyLead(door)).toMatchObject({
      email: "jane@gmail.com",
      name: "Jane",
      company: "Acme",
      companyDomain: "acme.com",
      fields: {
        firstname: "Jane",
        interest: ["a", "b"],
        hutk: "abc",
        pageUri: "site.test/demo",
        pageName: "Demo",
        submittedAt: "1517927174000",
        legalConsentOptions: { consent: { consentToProcess: true, text: "I agree" } },
      },
    });
  });

  it.each([
    { fields: "x" },
    { fields: [1, null, { name: 7 }, { value: "x" }] },
    { fields: { email: "no-address" } },
    { context: "x" },
    { hs_context: "{" },
  ])("answers a body of another shape with a refusal, and never fails: %j", async (body) => {
    const { status } = await openForms(FORMS).postJson(PATH, body);
    expect([400, 422]).toContain(status);
  });
});

describe("Salesforce's Web-to-Lead", () => {
  it("takes its markup: custom fields get their names, the rest of what steers is dropped", async () => {
    const door = openForms(FORMS);
    const { status } = await door.post("/servlet/servlet.WebToLead?encoding=UTF-8", {
      oid: "00D5g000004AbCd",
      retURL: "http://elsewhere.test",
      debug: "1",
      debugEmail: "dev@site.test",
      first_name: "Jane",
      last_name: "Doe",
      email: "jane@acme.test",
      company: "Acme",
      state: "BY",
      lead_source: "Web",
      "00N5g00000Abcde": "50k",
      "00N5g00000Zzzzz": "kept",
    });
    expect(status).toBe(200);
    expect(await onlyLead(door)).toMatchObject({ name: "Jane Doe", region: "BY", source: "Web" });
    expect((await onlyLead(door)).fields).toEqual({
      first_name: "Jane",
      last_name: "Doe",
      budget: "50k",
      "00N5g00000Zzzzz": "kept",
      _form: "demo",
    });
  });
});
