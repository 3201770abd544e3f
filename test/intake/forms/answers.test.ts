import { describe, expect, it } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { CONTACT, NAVIGATION, onlyLead, openForms, ROUTER, URLENCODED } from "./forms-world.ts";

const PERSON = { email: "jane@acme.test" };
const ALL_DOWN = {
  db: openD1().through(() => Promise.reject(new Error("down"))),
  leads: { send: () => Promise.reject(new Error("down")) },
};

describe("success", () => {
  it("is one body for the clients of every service", async () => {
    const answer = await openForms().post("/f/contact", PERSON);
    expect(answer.status).toBe(200);
    const message = "Thanks, we got it.";
    expect(await answer.json()).toEqual({
      ok: true,
      success: true,
      id: expect.any(String),
      status: "received",
      next: "https://site.test/thanks",
      redirectUri: "https://site.test/thanks",
      message,
      inlineMessage: message,
    });
  });

  it("stays a success when D1 fails: the queue has the lead", async () => {
    const { db } = ALL_DOWN;
    const door = openForms([CONTACT], { db });
    expect((await door.post("/f/contact", PERSON)).status).toBe(200);
    expect(door.sent).toMatchObject([
      { spilled: { lead: { email: "jane@acme.test" }, mergeRepeats: true } },
    ]);
  });
});

describe("a refusal of a browser's form", () => {
  const post = async (body: string, forms = [CONTACT], overrides = {}, path = "/f/contact?a=1") => {
    const answer = await openForms(forms, overrides).send(path, body, {
      ...NAVIGATION,
      "Content-Type": URLENCODED,
    });
    return { answer, page: await answer.text() };
  };

  it("gives the fields back in a form that can be sent again", async () => {
    const sent = new URLSearchParams([
      ["name", 'Jane "J" <b>'],
      ["email", "jane"],
      ["interest[]", "a"],
      ["interest[]", "b"],
      ["message", "\nline 1\nline 2"],
      ["_subject", "Hello"],
      ["_next", "/done"],
      ["_gotcha", ""],
      ["cf-turnstile-response", "used-up"],
    ]);
    const { answer, page } = await post(String(sent));
    expect(answer.status).toBe(422);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("Content-Security-Policy")).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'self' https://site.test",
    );
    expect(page).toContain('<html lang="en">');
    expect(page).toContain("<main>");
    expect(page).toContain("<title>Your message was not sent</title>");
    expect(page).toContain("<h1>Your message was not sent</h1>");
    expect(page).toContain(`<form method="post" action="${ROUTER}/f/contact?a=1">`);
    expect(page).toContain('<label for="field-0">name</label>');
    expect(page).toContain('value="Jane &quot;J&quot; &lt;b&gt;"');
    expect(page).toMatch(
      /<input\s+id="field-1"\s+name="email"\s+type="email"[^>]* value="jane"\s+aria-invalid="true" aria-describedby="field-1-error"/,
    );
    expect(page).toContain('<span id="field-1-error">should be an email address</span>');
    expect(page.match(/name="interest\[\]"/g)).toHaveLength(2);
    expect(page).toMatch(/<textarea id="field-4"[^>]*>\n\nline 1\nline 2<\/textarea>/);
    expect(page).toContain('<input type="hidden" name="_subject" value="Hello" />');
    expect(page).toContain('<input type="hidden" name="_gotcha" value="" />');
    expect(page).toContain('<input type="hidden" name="_next" value="https://site.test/done" />');
    expect(page).not.toContain("files");
    expect(page).not.toContain("used-up");
    expect(page).not.toContain('value="/done"');
  });

  it("is taken when it is sent again from that page, and goes where it would have gone", async () => {
    const door = openForms();
    const answer = await door.post(
      "/f/contact",
      { ...PERSON, _next: "https://site.test/done" },
      { ...NAVIGATION, Origin: ROUTER },
    );
    expect([answer.status, answer.headers.get("Location")]).toEqual([
      303,
      "https://site.test/done",
    ]);
    await onlyLead(door);
  });

  it("of 503 and 500 gives them back too", async () => {
    const unavailable = await post("email=jane%40acme.test&message=Hi", [CONTACT], ALL_DOWN);
    expect(unavailable.answer.status).toBe(503);
    expect(unavailable.answer.headers.get("Retry-After")).toBe("30");
    const failed = await post("email=jane%40acme.test&message=Hi", [CONTACT], {
      newId: () => {
        throw new Error("secret");
      },
    });
    expect(failed.answer.status).toBe(500);
    for (const { page } of [unavailable, failed]) {
      expect(page).toContain('value="jane@acme.test"');
      expect(page).toContain("Send again");
      expect(page).not.toContain("secret");
    }
  });

  it("that no other try would change offers none", async () => {
    for (const path of ["/f/nobody", "/f/closed"]) {
      const forms = [form("closed", { active: false })];
      const { page } = await post("email=jane%40acme.test", forms, {}, path);
      expect(page).not.toContain("<form");
      expect(page).not.toContain("again");
    }
  });

  it.each([
    '"><script>alert(1)</script>',
    "'-alert(1)-'",
    "</textarea><script>\nx",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
  ])("shows %j as text, as a name and as a value", async (hostile) => {
    const sent = new URLSearchParams({
      [hostile]: hostile,
      email: hostile,
      _next: hostile,
      _subject: hostile,
    });
    const { answer, page } = await post(
      String(sent),
      [CONTACT],
      {},
      `/f/contact?x=${encodeURIComponent(hostile)}`,
    );
    expect(answer.status).toBe(422);
    expect(page).not.toMatch(/<script|<\/textarea><script|"><|=""?'-alert/);
    expect(page).not.toContain("href");
    expect(JSON.stringify([...answer.headers])).not.toContain("alert");
  });
});

it("an entry called __proto__ is an entry like any other, to the store", async () => {
  const door = openForms();
  const body = `{"email":"jane@acme.test","__proto__":{"admin":true}}`;
  const answer = await door.send("/f/contact", body, {
    "Content-Type": "application/json",
    Origin: "https://site.test",
  });
  expect(answer.status).toBe(200);
  expect(JSON.stringify((await onlyLead(door)).fields)).toBe(
    '{"__proto__":{"admin":true},"_form":"contact"}',
  );
});
