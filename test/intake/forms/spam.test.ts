import { beforeEach, describe, expect, it, vi } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { checkTurnstile, type TurnstileOutcome } from "../../../src/intake/forms/turnstile.ts";
import { query, rows, sql } from "../../../src/lib/query.ts";
import { NOW } from "../api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { CONTACT, NAVIGATION, openForms, ROUTER } from "./forms-world.ts";

// What the endpoint hands to the quarantine and to Turnstile; they have tests of their own.
vi.mock("../../../src/intake/forms/turnstile.ts");

const turnstile = vi.mocked(checkTurnstile);

beforeEach(() => {
  turnstile.mockReset().mockRejectedValue(new Error("nobody asked for a captcha"));
});

const PERSON = { email: "jane@acme.test", message: "Hi" };
const TRAPPED = form("trapped", { honeypot: "_url" });
const FORMS = [CONTACT, TRAPPED];

/** What the forms of a test put in the quarantine. */
async function quarantined({ db }: Pick<ReturnType<typeof openForms>, "db">) {
  const columns = sql`door, reason, idempotency_key AS idempotencyKey, draft`;
  const found = await rows(
    db,
    query<{ door: string; reason: string; idempotencyKey: string | null; draft: string }>(
      sql`SELECT ${columns} FROM quarantine ORDER BY id`,
    ),
  );
  return found.map((row) => ({ ...row, draft: JSON.parse(row.draft) }));
}

/** Why the one submission of this door was quarantined; null when it became a lead. */
async function reasonGiven(door: Pick<ReturnType<typeof openForms>, "db">): Promise<string | null> {
  const [first, ...more] = await quarantined(door);
  expect(more).toEqual([]);
  return first?.reason ?? null;
}

describe("a honeypot", () => {
  it.each<[string, unknown, string]>([
    ["_gotcha", "x", "honeypot:_gotcha"],
    ["botcheck", "on", "honeypot:botcheck"],
    ["botcheck", true, "honeypot:botcheck"],
    ["_honey", "x", "honeypot:_honey"],
    ["bot-field", "x", "honeypot:bot-field"],
    ["_honeypot", "x", "honeypot:honeypot"],
    ["myHoneyPot<b>", "x", "honeypot:honeypot"],
    ["_test", "true", "test"],
  ])("that is filled is quarantined: %s with %j", async (name, value, reason) => {
    const door = openForms(FORMS);
    expect((await door.postJson("/f/contact", { ...PERSON, [name]: value })).status).toBe(200);
    expect((await quarantined(door))[0]).toMatchObject({
      door: "form:contact",
      reason,
      idempotencyKey: null,
      draft: { email: "jane@acme.test", fields: { message: "Hi", _form: "contact" } },
    });
    expect(await door.leads()).toEqual([]);
    expect(door.sent).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["_gotcha", ""],
    ["_gotcha", " "],
    ["_gotcha", null],
    ["botcheck", ""],
    ["botcheck", false],
    ["botcheck", "false"],
    ["botcheck", "0"],
    ["_test", "false"],
    ["_url", "https://acme.test"],
  ])("that is not filled, or is none here, is clean: %s with %j", async (name, value) => {
    const door = openForms(FORMS);
    await door.postJson("/f/contact", { ...PERSON, [name]: value });
    expect(await reasonGiven(door)).toBeNull();
    expect(await door.leads()).toHaveLength(1);
  });

  it("of a form's own is one in that form, and not stored", async () => {
    const door = openForms(FORMS);
    await door.postJson("/f/trapped", { ...PERSON, _url: "" });
    expect((await door.leads())[0]?.fields).toEqual({ message: "Hi", _form: "trapped" });
    await door.postJson("/f/trapped", { ...PERSON, _url: "https://spam.test" });
    expect(await reasonGiven(door)).toBe("honeypot:_url");
  });

  it.each([
    ["a script", {}],
    ["a browser", NAVIGATION],
  ])("hit is answered to %s as a clean post is, but for the id", async (_, headers) => {
    let kept = 0;
    const sentTwice = async (extra: Record<string, string>) => {
      const door = openForms(FORMS);
      const answer = await door.post("/f/contact", { ...PERSON, ...extra }, headers);
      kept += (await quarantined(door)).length;
      const text = (await answer.text()).replace(/"id":"[^"]{36}"/, '"id"');
      return { status: answer.status, headers: [...answer.headers], text };
    };
    const clean = await sentTwice({ _gotcha: "" });
    expect(await sentTwice({ _gotcha: "spam" })).toEqual(clean);
    expect(kept).toBe(1);
    // Alike where the lead cannot be read.
    const cleanRefusal = await sentTwice({ email: "x", _gotcha: "" });
    const spamRefusal = await sentTwice({ email: "x", _gotcha: "spam" });
    const unfilled = { ...spamRefusal, text: spamRefusal.text.replace('value="spam"', 'value=""') };
    expect(unfilled).toEqual(cleanRefusal);
  });

  it("is 503 when the quarantine cannot keep it, and 413 when it is too large, as a lead is", async () => {
    const away = () => Promise.reject(new Error("down"));
    const down = openForms([CONTACT], { db: openD1().through(away), leads: { send: away } });
    expect((await down.postJson("/f/contact", { ...PERSON, _gotcha: "x" })).status).toBe(503);
    const huge = { ...PERSON, message: "x".repeat(99_900), _gotcha: "x" };
    expect((await openForms().postJson("/f/contact", huge)).status).toBe(413);
  });
});

describe("signals", () => {
  const session = (data: unknown) => ({ "Formspree-Session-Data": btoa(JSON.stringify(data)) });
  const NO_ORIGIN = { Origin: "null" };

  it.each<[Record<string, string>, string | null]>([
    [session({ loadedAt: NOW - 60_000, webdriver: false }), null],
    [session({ loadedAt: NOW - 60_000, webdriver: true }), null],
    [session({ loadedAt: NOW - 500, webdriver: false }), null],
    [session({ loadedAt: NOW - 500, webdriver: true }), "signals:webdriver,fast"],
    [session({ loadedAt: NOW + 500, webdriver: true }), null],
    [NO_ORIGIN, null],
    [{ ...NO_ORIGIN, ...session({ webdriver: true }) }, "signals:no_origin,webdriver"],
    [{ ...NO_ORIGIN, "Formspree-Session-Data": "%%%" }, null],
    [{ ...NO_ORIGIN, ...session(null) }, null],
    [{ ...NO_ORIGIN, ...session([{ webdriver: true }]) }, null],
  ])("%j: %s", async (headers, reason) => {
    const door = openForms();
    expect((await door.postJson("/f/contact", PERSON, headers)).status).toBe(200);
    expect(await reasonGiven(door)).toBe(reason);
  });
});

describe("a captcha", () => {
  const GUARDED = form("guarded", {
    allowedOrigins: ["site.test", "*.shop.test", "localhost:4321"],
    captcha: { turnstile: "TURNSTILE", whenUnreachable: "quarantine" },
  });
  const LENIENT = form("lenient", {
    captcha: { turnstile: "TURNSTILE", whenUnreachable: "accept" },
  });

  it.each<[string, string, TurnstileOutcome, number, string | null]>([
    ["/f/guarded", "https://site.test", { outcome: "passed" }, 200, null],
    ["/f/guarded", "https://site.test", { outcome: "missing" }, 403, null],
    ["/f/guarded", ROUTER, { outcome: "missing" }, 200, "captcha:missing"],
    ["/f/guarded", ROUTER, { outcome: "failed", codes: ["x"] }, 403, null],
    [
      "/f/guarded",
      "https://site.test",
      { outcome: "failed", codes: ["timeout-or-duplicate"] },
      403,
      null,
    ],
    ["/f/guarded", "https://site.test", { outcome: "unreachable" }, 200, "captcha:unreachable"],
    ["/f/lenient", "https://site.test", { outcome: "unreachable" }, 200, null],
  ])("%s from %s, %j: %i, quarantined %s", async (path, origin, outcome, status, reason) => {
    turnstile.mockResolvedValue(outcome);
    const door = openForms([GUARDED, LENIENT]);
    const answer = await door.postJson(path, PERSON, { Origin: origin });
    expect(answer.status).toBe(status);
    if (status === 403)
      expect(await answer.json()).toMatchObject({ errors: [{ code: "CAPTCHA" }] });
    expect(await reasonGiven(door)).toBe(reason);
    expect(await door.leads()).toHaveLength(status === 200 && reason === null ? 1 : 0);
  });

  it("is asked of Turnstile with the answer, the visitor's address and the pages that may hold it", async () => {
    turnstile.mockResolvedValue({ outcome: "passed" });
    const door = openForms([GUARDED, LENIENT]);
    const fields = { ...PERSON, "cf-turnstile-response": "token" };
    await door.post("/f/guarded", fields, {
      Origin: "https://a.shop.test",
      "CF-Connecting-IP": "203.0.113.7",
    });
    await door.post("/f/lenient", PERSON);
    expect(turnstile.mock.calls.map(([, check]) => check)).toEqual([
      {
        secretName: "TURNSTILE",
        token: "token",
        remoteIp: "203.0.113.7",
        expectedHostnames: ["site.test", "localhost", "a.shop.test"],
      },
      { secretName: "TURNSTILE", token: null, remoteIp: null },
    ]);
    expect(JSON.stringify(await door.leads())).not.toContain("token");
  });

  it("is not spent on a form that has to be corrected", async () => {
    expect((await openForms([GUARDED]).postJson("/f/guarded", { email: "x" })).status).toBe(422);
    expect(turnstile).not.toHaveBeenCalled();
  });
});
