import { source } from "lead-router";
import { describe, expect, it } from "vitest";
import { adapterOf } from "../../../src/intake/webhooks/delivery.ts";
import type { Reading } from "../../../src/intake/webhooks/sender.ts";
import { draftOf } from "../../../src/intake/webhooks/submission.ts";
import { parseJson } from "../../../src/intake/body/body.ts";
import type { Sender, SettingsOf, Source } from "../../../src/rules/source.ts";
import { PUBLIC_URL } from "./senders.ts";

// What each sender posts, and the lead that becomes of it.

const settings = { key: "demo", secrets: ["SECRET"] } as const;

function read(declared: Source, payload: unknown): Reading {
  const delivery = { body: new Uint8Array(), headers: { "webhook-id": "msg_1" }, pathSecret: null };
  return adapterOf(declared).read(parseJson(JSON.stringify(payload)), delivery);
}

/** The leads in a payload, each with the sender's id. */
function leadsIn(declared: Source, payload: unknown) {
  const reading = read(declared, payload);
  if (reading === "unreadable" || "ignored" in reading)
    throw new Error(`there are no leads: ${JSON.stringify(reading)}`);
  return reading.map((submission) => ({
    id: submission.id,
    isTest: submission.isTest ?? false,
    ...draftOf(declared, submission),
  }));
}

describe("Typeform", () => {
  const typeform = source("typeform", { ...settings, fieldAliases: { team_size: "company_size" } });
  const response = {
    event_id: "01H",
    event_type: "form_response",
    form_response: {
      form_id: "lT4Z3j",
      token: "a3a12ec67a1365927098a606107fac15",
      hidden: { utm_source: "newsletter", country: "Germany" },
      calculated: { score: 9 },
      definition: {
        fields: [
          { id: "n", ref: "01HQ5Z3K8B9VXWYT2M4N6P7R8S", title: "Your name", type: "short_text" },
          { id: "e", ref: "e4f5a6b7-0000-4000-8000-000000000001", title: "Where do we reach you?" },
          { id: "s", ref: "team_size", title: "How many are you?" },
        ],
      },
      answers: [
        { type: "text", text: "Jane Doe", field: { id: "n", ref: "01HQ5Z3K8B9VXWYT2M4N6P7R8S" } },
        {
          type: "email",
          email: "Jane@Acme.test",
          field: { id: "e", ref: "e4f5a6b7-0000-4000-8000-000000000001" },
        },
        { type: "phone_number", phone_number: "+4930123456", field: { id: "p", ref: "call-me" } },
        { type: "number", number: 40, field: { id: "s", ref: "team_size" } },
        { type: "choice", choice: { label: "Berlin" }, field: { id: "r", ref: "region" } },
        {
          type: "choices",
          choices: { labels: ["A", "B"], other: "C" },
          field: { id: "i", ref: "interests" },
        },
        { type: "boolean", boolean: true, field: { id: "b", ref: "consent" } },
      ],
    },
  };

  it("goes by references, else by the questions' words, else by their types", () => {
    expect(leadsIn(typeform, response)).toEqual([
      {
        id: "a3a12ec67a1365927098a606107fac15",
        isTest: false,
        ok: true,
        draft: {
          email: "jane@acme.test",
          phone: "+4930123456",
          name: "Jane Doe",
          company: null,
          companyDomain: "acme.test",
          countryCode: "DE",
          region: "Berlin",
          source: "newsletter",
          score: null,
          fields: {
            interests: ["A", "B", "C"],
            consent: true,
            company_size: 40,
            utm_source: "newsletter",
            form_id: "lT4Z3j",
            calculated_score: 9,
            _source: "typeform/demo",
          },
        },
      },
    ]);
  });

  it("is not lost for one odd answer", () => {
    const odd = structuredClone(response);
    Object.assign(odd.form_response, {
      answers: [null, { type: 7 }, ...odd.form_response.answers],
    });
    expect(leadsIn(typeform, odd)).toEqual(leadsIn(typeform, response));
  });

  it("takes no form that is half filled in", () => {
    const partial = { ...response, event_type: "form_response_partial" };
    expect(read(typeform, partial)).toMatchObject({ ignored: expect.any(String) });
  });
});

describe("Tally", () => {
  it("reads choices by their texts, and hidden fields by their names", () => {
    const payload = {
      eventId: "a4cb511e",
      eventType: "FORM_RESPONSE",
      data: {
        responseId: "2wgx4n",
        submissionId: "2wgx4n",
        formId: "VwbNEw",
        formName: "Contact",
        fields: [
          {
            key: "question_1",
            label: "Work e-mail?",
            type: "INPUT_EMAIL",
            value: "jane@acme.test",
          },
          { key: "question_2", label: "Company", type: "INPUT_TEXT", value: "Acme" },
          {
            key: "question_3",
            label: "Size",
            type: "DROPDOWN",
            value: ["o2"],
            options: [
              { id: "o1", text: "1-10" },
              { id: "o2", text: "11-50" },
            ],
          },
          { key: "question_4", label: "utm_source", type: "HIDDEN_FIELDS", value: "ads" },
          { key: "question_5", label: null, type: "TEXTAREA", value: null },
        ],
      },
    };
    expect(leadsIn(source("tally", settings), payload)).toMatchObject([
      {
        id: "2wgx4n",
        draft: {
          email: "jane@acme.test",
          company: "Acme",
          source: "ads",
          fields: {
            Size: ["11-50"],
            utm_source: "ads",
            form_id: "VwbNEw",
            form_name: "Contact",
            _source: "tally/demo",
          },
        },
      },
    ]);
  });
});

describe("Webflow", () => {
  it("goes by the labels of the page", () => {
    const payload = {
      triggerType: "form_submission",
      payload: {
        name: "Contact Us",
        siteId: "65427cf400e02b306eaa049c",
        data: { "First Name": "Jane", "Last Name": "Doe", email: "jane@acme.test" },
        id: "6321ca84df3949bfc6752327",
      },
    };
    expect(leadsIn(source("webflow", settings), payload)).toMatchObject([
      {
        id: "6321ca84df3949bfc6752327",
        draft: { name: "Jane Doe", email: "jane@acme.test", fields: { form_name: "Contact Us" } },
      },
    ]);
  });

  it("takes nothing else that Webflow tells", () => {
    const published = { triggerType: "site_publish", payload: { siteId: "6" } };
    expect(read(source("webflow", settings), published)).toMatchObject({
      ignored: expect.any(String),
    });
  });
});

describe("Calendly", () => {
  const calendly = source("calendly", settings);
  const routing = {
    event: "routing_form_submission.created",
    payload: {
      uri: "https://api.calendly.com/routing_form_submissions/R",
      questions_and_answers: [{ question_uuid: "q", question: "Company", answer: "Acme" }],
      tracking: { utm_source: "ads", utm_medium: null },
    },
  };

  it("takes who booked a meeting, with their answers and where they came from", () => {
    const payload = {
      event: "invitee.created",
      payload: {
        uri: "https://api.calendly.com/scheduled_events/E/invitees/I",
        name: "Jane Doe",
        first_name: null,
        email: "jane@acme.test",
        text_reminder_number: "+4930123456",
        timezone: "Europe/Berlin",
        tracking: { utm_source: "ads", utm_medium: null },
        questions_and_answers: [{ question: "Company", answer: "Acme", position: 0 }],
        scheduled_event: { name: "Demo", start_time: "2026-11-24T09:00:00.000000Z" },
      },
    };
    expect(leadsIn(calendly, payload)).toMatchObject([
      {
        id: "https://api.calendly.com/scheduled_events/E/invitees/I",
        draft: {
          name: "Jane Doe",
          email: "jane@acme.test",
          phone: "+4930123456",
          company: "Acme",
          source: "ads",
          fields: {
            event_name: "Demo",
            event_start: "2026-11-24T09:00:00.000000Z",
            timezone: "Europe/Berlin",
          },
        },
      },
    ]);
  });

  it("finds nobody to answer in a routing form that does not ask", () => {
    expect(leadsIn(calendly, routing)).toMatchObject([{ ok: false, reason: "no_contact" }]);
    routing.payload.questions_and_answers.push({
      question_uuid: "e",
      question: "E-mail",
      answer: "jane@acme.test",
    });
    expect(leadsIn(calendly, routing)).toMatchObject([
      { ok: true, draft: { company: "Acme", source: "ads" } },
    ]);
  });

  it("takes nobody who called off", () => {
    const canceled = { ...routing, event: "invitee.canceled" };
    expect(read(calendly, canceled)).toMatchObject({ ignored: expect.any(String) });
  });
});

describe("HubSpot", () => {
  const hubspot = source("hubspot", { ...settings, url: PUBLIC_URL });

  it("takes the contact that a workflow sends, once per contact and workflow", () => {
    const payload = {
      vid: "LARGE",
      "portal-id": 62515,
      properties: {
        email: { value: "jane@acme.test", versions: [] },
        firstname: { value: "Jane" },
        lastname: { value: "Doe" },
        company: { value: "Acme" },
        country: { value: "Austria" },
        fax: { value: "" },
      },
    };
    const body = JSON.stringify(payload).replace('"LARGE"', "9007199254740993");
    expect(leadsIn(hubspot, parseJson(body))).toMatchObject([
      { id: "9007199254740993:", draft: { name: "Jane Doe", countryCode: "AT", company: "Acme" } },
    ]);
    const flat = { objectId: 7, workflowId: 12, email: "jane@acme.test" };
    expect(leadsIn(hubspot, flat)).toMatchObject([{ id: "7:12", ok: true }]);
    const chosen = { properties: { hs_object_id: "7", email: "jane@acme.test" } };
    expect(leadsIn(hubspot, chosen)).toMatchObject([{ id: "7:", ok: true }]);
  });

  it("takes a body that names no contact once, as long as it is the same", () => {
    const [first] = leadsIn(hubspot, { email: "jane@acme.test" });
    expect(first).toMatchObject({ ok: true, id: expect.stringMatching(/^body [0-9a-f]{64}:$/) });
  });

  it("finds nobody to answer in an app's events, which are ids alone", () => {
    const events = [1, 2].map((eventId) => ({
      eventId,
      subscriptionType: "contact.creation",
      objectId: 7,
      attemptNumber: 0,
    }));
    expect(leadsIn(hubspot, events)).toMatchObject([
      { id: "1", ok: false, reason: "no_contact" },
      { id: "2", ok: false, reason: "no_contact" },
    ]);
  });
});

describe("Google Ads", () => {
  const google = source("google-ads", settings);
  const payload = {
    lead_id: "TeSter-123",
    user_column_data: [
      { column_id: "FULL_NAME", column_name: "Full Name", string_value: "Jane Doe" },
      { column_id: "EMAIL", string_value: "jane@acme.test" },
      { column_id: "COMPANY_NAME", string_value: "Acme" },
      { column_id: "what_is_your_budget?", string_value: "50k" },
    ],
    api_version: "1.0",
    form_id: 1,
    campaign_id: "LARGE",
    google_key: "the secret",
    is_test: true,
    something_new: { of: "next year" },
  };
  const body = JSON.stringify(payload).replace('"LARGE"', "12345678901234567890");

  it("reads the columns, keeps ids to the last digit, and no key", () => {
    expect(leadsIn(google, parseJson(body))).toEqual([
      {
        id: "TeSter-123",
        isTest: true,
        ok: true,
        draft: {
          email: "jane@acme.test",
          phone: null,
          name: "Jane Doe",
          company: "Acme",
          companyDomain: "acme.test",
          countryCode: null,
          region: null,
          source: "google-ads",
          score: null,
          fields: {
            "what_is_your_budget?": "50k",
            form_id: "1",
            campaign_id: "12345678901234567890",
            _source: "google-ads/demo",
          },
        },
      },
    ]);
  });

  it("shows a body to nobody with the key in it", () => {
    const shown =
      adapterOf(google).conceal?.(body.replace("the secret", 'the \\"secret\\\\')) ?? "";
    expect(shown).not.toContain("secret");
    expect(JSON.parse(shown)).toMatchObject({ google_key: "…", lead_id: "TeSter-123" });
  });
});

describe("Standard Webhooks", () => {
  it("takes the fields in `data`, or bare ones", () => {
    const own = source("standard-webhooks", { ...settings, source: "billing" });
    const data = { email: "jane@acme.test", plan: "pro" };
    for (const payload of [data, { type: "signup", timestamp: "2026-11-22T09:30:00Z", data }])
      expect(leadsIn(own, payload)).toMatchObject([
        {
          id: "msg_1",
          draft: { email: "jane@acme.test", source: "billing", fields: { plan: "pro" } },
        },
      ]);
  });
});

describe("every sender", () => {
  const declared: readonly Source[] = [
    source("calendly", settings),
    source("google-ads", settings),
    source("hubspot", { ...settings, url: PUBLIC_URL }),
    source("standard-webhooks", settings),
    source("tally", settings),
    source("typeform", settings),
    source("webflow", settings),
  ];

  it.each(declared)("$name reads nothing out of nonsense", (one) => {
    const nonsense = [
      null,
      1,
      "text",
      true,
      [],
      [[]],
      [null],
      {},
      { payload: null },
      { data: [] },
      { event: 1 },
    ];
    for (const payload of nonsense) {
      const reading = read(one, payload);
      // The scheme says nothing of the shape: a bare object is one.
      if (Array.isArray(reading)) expect(leadsIn(one, payload)).toMatchObject([{ ok: false }]);
      else expect(reading).toBe("unreadable");
    }
  });

  it("is not held to an address or a number that is none, while there is another", () => {
    const own = source("standard-webhooks", settings);
    const phoneless = { email: "jane@acme.test", phone: "n/a", mobile: "none" };
    expect(leadsIn(own, phoneless)).toMatchObject([
      {
        draft: {
          email: "jane@acme.test",
          phone: null,
          fields: { unusable_phone: "n/a", unusable_mobile: "none" },
        },
      },
    ]);
    expect(leadsIn(own, { email: "jane", phone: "n/a" })).toMatchObject([
      { ok: false, reason: "no_contact" },
    ]);
    const many = Object.fromEntries(
      Array.from({ length: 50 }, (_, at) => [`e${"-".repeat(at)}mail`, "x"]),
    );
    expect(leadsIn(own, many)).toMatchObject([{ ok: false, reason: "no_contact" }]);
  });

  it("cannot set the marks of another door", () => {
    const sent = {
      email: "jane@acme.test",
      _source: "hubspot/demo",
      _form: "contact",
      _clipped: true,
    };
    const [lead] = leadsIn(source("standard-webhooks", settings), sent);
    expect(lead).toMatchObject({ draft: { fields: { _source: "standard-webhooks/demo" } } });
    expect(JSON.stringify(lead)).not.toMatch(/_form|_clipped/);
  });

  it("finds its answers whatever they are called", () => {
    const sent = JSON.parse(
      '{"email":"jane@acme.test","__proto__":"a","constructor":"b","toString":"c"}',
    );
    const [lead] = leadsIn(source("standard-webhooks", settings), { type: "x", data: sent });
    expect(lead).toMatchObject({
      ok: true,
      draft: { fields: { constructor: "b", toString: "c" } },
    });
  });
});

it("declares a sender's own settings, and no other's", () => {
  const hubspot: SettingsOf<"hubspot"> = { ...settings, url: PUBLIC_URL };
  // @ts-expect-error HubSpot signs its URL
  expect(() => source("hubspot", settings)).toThrow(/"url"/);
  // @ts-expect-error only Webflow has a hook without a signature
  expect(() => source("tally", { ...settings, proof: "path" })).toThrow(/"proof"/);
  // @ts-expect-error nobody knows them
  const unknown: Sender = "mailchimp";
  expect(() => source(unknown, settings)).toThrow(/"mailchimp" is no sender/);
  expect(source("hubspot", hubspot)).toMatchObject({ name: "hubspot/demo", url: PUBLIC_URL });
});
