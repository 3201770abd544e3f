import { describe, expect, it } from "vitest";
import { form } from "../../../src/rules/form.ts";
import { CONTACT, openForms, ROUTER } from "./forms-world.ts";

const PERSON = { email: "jane@acme.test" };
const STRICT = form("strict", { allowedOrigins: ["site.test"], allowMissingOrigin: false });
const ANY = form("any");
const FORMS = [CONTACT, STRICT, ANY];

describe("which pages may post a form", () => {
  it.each<[string, Record<string, string>, number]>([
    ["/f/contact", { Origin: "https://site.test" }, 200],
    ["/f/contact", { Origin: "http://site.test" }, 200],
    ["/f/contact", { Origin: "https://www.site.test" }, 200],
    ["/f/contact", { Origin: "https://a.b.site.test" }, 200],
    ["/f/contact", { Origin: ROUTER }, 200],
    ["/f/contact", { Origin: "https://evil.test" }, 403],
    ["/f/contact", { Origin: "https://evilsite.test" }, 403],
    ["/f/contact", { Origin: "https://site.test.evil.test" }, 403],
    ["/f/contact", { Origin: "https://site.test:8443" }, 403],
    ["/f/contact", { Origin: "null", Referer: "https://evil.test/x" }, 403],
    ["/f/contact", { Origin: "null", Referer: "https://site.test/x" }, 200],
    ["/f/contact", { Origin: "null" }, 200],
    ["/f/contact", { Origin: "file://" }, 200],
    ["/f/contact", {}, 200],
    ["/f/strict", { Origin: "https://www.site.test" }, 403],
    ["/f/strict", { Origin: "null" }, 403],
    ["/f/strict", {}, 403],
    ["/f/any", { Origin: "https://evil.test" }, 200],
  ])("%s from %j: %i", async (path, headers, status) => {
    const door = openForms(FORMS);
    const body = new URLSearchParams(PERSON);
    const answer = await door.send(path, body, headers);
    expect(answer.status).toBe(status);
    expect(await door.leads()).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403)
      expect(await answer.json()).toMatchObject({ errors: [{ code: "BLOCKED" }] });
  });
});

describe("CORS", () => {
  const preflight = (path: string, origin: string) =>
    openForms(FORMS).send(
      path,
      null,
      { Origin: origin, "Access-Control-Request-Method": "POST" },
      "OPTIONS",
    );

  it.each([
    "/f/contact",
    "/p/x/f/contact",
    "/submit/contact",
    "/submit",
    "/",
    "/f/nobody",
    "/servlet/servlet.WebToLead",
  ])("lets a script of an allowed page ask: %s", async (path) => {
    const answer = await preflight(path, "https://site.test");
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": "https://site.test",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    const allowed = answer.headers.get("Access-Control-Allow-Headers")?.split(", ");
    expect(allowed).toEqual([
      "Content-Type",
      "Accept",
      "X-Requested-With",
      "Idempotency-Key",
      "Formspree-Client",
      "Formspree-Session-Data",
    ]);
    expect(answer.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  it("does not let a script of another page send anything", async () => {
    const answer = await preflight("/f/contact", "https://evil.test");
    expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([403, null]);
    expect(answer.headers.get("Vary")).toBe("Origin");
  });

  it("lets the page read every answer, refusals and faults too", async () => {
    const broken = openForms(FORMS, {
      newId: () => {
        throw new Error("secret");
      },
    });
    const limited = openForms(FORMS, { allow: async () => false });
    const headers = { "CF-Connecting-IP": "203.0.113.7" };
    const door = openForms(FORMS);
    const answers = [
      await door.post("/f/contact", PERSON),
      await door.post("/f/contact", {}),
      await door.post("/f/contact", { email: "x" }),
      await door.post("/f/nobody", PERSON),
      await door.post("/f/contact", PERSON, { Origin: "https://evil.test" }),
      await limited.post("/f/contact", PERSON, headers),
      await broken.post("/f/contact", PERSON),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 422, 404, 403, 429, 500]);
    for (const answer of answers) {
      expect(answer.headers.get("Access-Control-Allow-Origin")).toMatch(
        /^https:\/\/(?:site|evil)\.test$/,
      );
      expect(answer.headers.get("Vary")).toBe("Origin");
    }
    expect(JSON.stringify(broken.logged)).not.toContain("secret");
  });
});

describe("the rate limit", () => {
  it("counts by form and network, answers 429 with Retry-After, and fails open", async () => {
    const asked: string[] = [];
    const counted = openForms([CONTACT, form("busy", { rateLimit: "FORMS_BUSY" })], {
      allow: async (limit, key) => {
        asked.push(`${limit} ${key}`);
        return asked.length < 4;
      },
    });
    const from = (address: string) => ({ "CF-Connecting-IP": address });
    await counted.post("/f/contact", PERSON, from("203.0.113.7"));
    await counted.post("/f/contact", PERSON, from("2001:db8:1:2:3:4:5:6"));
    await counted.post("/f/busy", PERSON, from("203.0.113.7"));
    expect(asked).toEqual([
      "FORMS contact:203.0.113.7",
      "FORMS contact:2001:db8:1:2",
      "FORMS_BUSY busy:203.0.113.7",
    ]);
    const refused = await counted.post("/f/contact", PERSON, from("203.0.113.7"));
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "60"]);

    for (const allow of [async () => null, () => Promise.reject(new Error("away"))]) {
      const door = openForms([CONTACT], { allow });
      expect((await door.post("/f/contact", PERSON, from("203.0.113.7"))).status).toBe(200);
      expect(door.logged.filter(({ level }) => level === "warn")).toHaveLength(1);
    }
    const unlimited = openForms([form("contact", { rateLimit: null })], {
      allow: async () => false,
    });
    expect((await unlimited.post("/f/contact", PERSON, from("203.0.113.7"))).status).toBe(200);
  });
});
