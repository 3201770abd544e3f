import { describe, expect, it } from "vitest";
import { answerReceived, answerRefusal, refuse, wantsJson } from "../../../src/intake/answer.ts";

const FORM = "application/x-www-form-urlencoded";
const BROWSER_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8";

function request(headers: Record<string, string>, query = ""): Request {
  return new Request(`https://router.test/leads${query}`, { method: "POST", headers });
}

const NAVIGATION = request({
  "Content-Type": FORM,
  Accept: BROWSER_ACCEPT,
  "Sec-Fetch-Mode": "navigate",
});
const SCRIPT = request({ "Content-Type": "application/json" });

describe("JSON or redirect", () => {
  it.each([
    [
      "a JSON body",
      request({ "Content-Type": "application/json; charset=utf-8", Accept: BROWSER_ACCEPT }),
    ],
    ["Accept with JSON", request({ "Content-Type": FORM, Accept: "application/json, text/html" })],
    [
      "X-Requested-With",
      request({
        "Content-Type": FORM,
        Accept: BROWSER_ACCEPT,
        "X-Requested-With": "XMLHttpRequest",
      }),
    ],
    [
      "fetch without Accept",
      request({ "Content-Type": FORM, Accept: "*/*", "Sec-Fetch-Mode": "cors" }),
    ],
    [
      "fetch that accepts HTML",
      request({ "Content-Type": FORM, Accept: BROWSER_ACCEPT, "Sec-Fetch-Mode": "no-cors" }),
    ],
    ["?format=json", request({ "Content-Type": FORM, Accept: BROWSER_ACCEPT }, "?format=json")],
    ["curl", request({ "Content-Type": FORM, Accept: "*/*" })],
    ["nothing at all", request({})],
  ])("is JSON for %s", (_, asked) => {
    expect(wantsJson(asked)).toBe(true);
  });

  it("is a redirect for a navigation, also of a browser without Sec-Fetch-Mode", () => {
    expect(wantsJson(NAVIGATION)).toBe(false);
    expect(wantsJson(request({ "Content-Type": FORM, Accept: BROWSER_ACCEPT }))).toBe(false);
  });
});

describe("success", () => {
  it("is the one body for every form client: exactly 200, a `next`, no `error` and no `errors`", async () => {
    const answer = answerReceived(SCRIPT, "lead-1");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      ok: true,
      success: true,
      id: "lead-1",
      status: "received",
      next: "https://router.test/thanks",
      message: "Thanks, we got it.",
    });
  });

  it("is 303 to the thank-you page for a browser", () => {
    const answer = answerReceived(NAVIGATION, "lead-1");
    expect([answer.status, answer.headers.get("Location")]).toEqual([
      303,
      "https://router.test/thanks",
    ]);
  });
});

describe("an error", () => {
  const refusal = refuse(
    422,
    { code: "TYPE_EMAIL", field: "<b>mail", message: "should be an email address" },
    { code: "TYPE_TEXT", message: "No & never." },
  );

  it("carries `error` and `message` and each field, and never `next`", async () => {
    const answer = await answerRefusal(SCRIPT, refusal);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toEqual({
      ok: false,
      success: false,
      error: "<b>mail should be an email address",
      message: "<b>mail should be an email address",
      errors: refusal.errors,
    });
  });

  it("is a page for a browser that names the fields, escaped", async () => {
    const answer = await answerRefusal(NAVIGATION, refusal);
    expect(answer.status).toBe(422);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    const page = await answer.text();
    expect(page).toContain('<html lang="en">');
    expect(page).toContain("<li>&lt;b&gt;mail should be an email address</li>");
    expect(page).toContain("<li>No &amp; never.</li>");
  });

  it("of 503 says when to come back, to scripts and browsers", async () => {
    const unavailable = refuse(503, { code: "UNAVAILABLE", message: "Later." });
    for (const asked of [SCRIPT, NAVIGATION]) {
      expect((await answerRefusal(asked, unavailable)).headers.get("Retry-After")).toMatch(/^\d+$/);
      expect((await answerRefusal(asked, refusal)).headers.has("Retry-After")).toBe(false);
    }
  });
});
