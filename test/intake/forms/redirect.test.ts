import { describe, expect, it } from "vitest";
import { REDIRECT_NAMES } from "../../../src/rules/own-fields.ts";
import { form } from "../../../src/rules/form.ts";
import { CONTACT, NAVIGATION, openForms, ROUTER } from "./forms-world.ts";

const THANKS = "https://site.test/thanks";
const PERSON = { email: "jane@acme.test" };

async function nextOf(asked: string, headers: Record<string, string> = {}, forms = [CONTACT]) {
  const answer = await openForms(forms).post("/f/contact", { ...PERSON, _next: asked }, headers);
  expect(answer.status).toBe(200);
  return (await answer.json<{ next: string }>()).next;
}

describe("where the visitor goes next", () => {
  it.each([
    ["/done?a=1#b", "https://site.test/done?a=1#b"],
    ["https://site.test/done", "https://site.test/done"],
    ["https://www.site.test/done", "https://www.site.test/done"],
    [" https://site.test/done ", "https://site.test/done"],
    ["https://SITE.test", "https://site.test/"],
  ])("is what the form asks for, on its own hosts: %j", async (asked, next) => {
    expect(await nextOf(asked)).toBe(next);
  });

  it.each([
    "//evil.test",
    "/\\evil.test",
    "/\t/evil.test",
    "\\\\evil.test",
    "https://evil.test",
    "https://site.test.evil.test",
    "https://evilsite.test",
    "https://site.test@evil.test",
    "https://user:pass@site.test/",
    "http://site.test/",
    "https:\\\\site.test",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "//",
    "",
    "done",
    "https://site.test:8443/",
    "/x\r\nSet-Cookie: a=b",
  ])("is the form's page instead of %j", async (asked) => {
    expect(await nextOf(asked)).toBe(THANKS);
  });

  it.each(REDIRECT_NAMES)("is asked for by %s", async (name) => {
    const answer = await openForms().post("/f/contact", { ...PERSON, [name]: "/done" });
    expect(await answer.json()).toMatchObject({ next: "https://site.test/done" });
  });

  it("takes a path on the page that posted, as its Referer names it too, and on no other", async () => {
    const referer = { Origin: "null", Referer: "https://www.site.test/contact" };
    expect(await nextOf("/done", referer)).toBe("https://www.site.test/done");
    expect(await nextOf("/done", { Origin: "null" })).toBe(THANKS);
    expect(await nextOf("/done", { Origin: ROUTER })).toBe(THANKS);
  });

  it("never leaves the page for an absolute URL where no hosts are listed", async () => {
    const open = [form("contact")];
    expect(await nextOf("https://evil.test/", {}, open)).toBe(`${ROUTER}/thanks`);
    expect(await nextOf("/done", {}, open)).toBe("https://site.test/done");
  });

  it("is the router's own page by default, never empty, and the same for a browser", async () => {
    const door = openForms([form("contact")]);
    expect(await (await door.post("/f/contact", PERSON)).json()).toMatchObject({
      next: `${ROUTER}/thanks`,
      redirectUri: `${ROUTER}/thanks`,
    });
    const answer = await door.post("/f/contact", { ...PERSON, name: "B" }, NAVIGATION);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, `${ROUTER}/thanks`]);
  });

  it("may be this very machine over http, where it is listed", async () => {
    const local = [form("contact", { allowedOrigins: ["localhost:4321"] })];
    const headers = { Origin: "http://localhost:4321" };
    const next = "http://localhost:4321/done";
    expect(await nextOf("/done", headers, local)).toBe(next);
    expect(await nextOf(next, headers, local)).toBe(next);
    expect(await nextOf("http://localhost:9/", headers, local)).toBe(`${ROUTER}/thanks`);
  });
});
