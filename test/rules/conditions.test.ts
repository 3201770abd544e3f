import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Conditions, judgeLead, listConditions } from "../../src/rules/conditions.ts";
import type { Lead } from "../../src/rules/lead.ts";
import { aLead } from "./examples.ts";

function judge(conditions: Conditions, about: Partial<Lead> = {}) {
  return judgeLead(listConditions(conditions), aLead(about));
}

describe("keys AND, lists OR", () => {
  test("every key must hold", () => {
    const conditions: Conditions = { countryCode: "DE", source: "referral" };
    expect(judge(conditions)).toEqual({
      holds: true,
      reason: "the country is DE and the source is referral",
    });
    expect(judge(conditions, { source: "ads" })).toEqual({
      holds: false,
      reason: "the source is ads, not referral",
    });
  });

  test("one element of a list is enough", () => {
    const conditions: Conditions = { countryCode: ["DE", "AT", "CH"] };
    expect(judge(conditions, { countryCode: "CH" }).holds).toBe(true);
    expect(judge(conditions, { countryCode: "FR" }).reason).toBe(
      "the country is FR, not DE, AT or CH",
    );
  });

  test("a list may mix ranges, values and none", () => {
    const conditions: Conditions = { score: [{ max: 10 }, 50, { min: 90 }, "none"] };
    expect([5, 10, 50, 90, null].map((score) => judge(conditions, { score }).holds)).toEqual(
      Array(5).fill(true),
    );
    expect(judge(conditions, { score: 20 }).reason).toBe(
      "the score is 20, not at most 10, 50, at least 90 or missing",
    );
  });

  test("every condition that missed is told, not only the first", () => {
    const { reason } = judge(
      { countryCode: "AT", score: { min: 90 }, fields: { company_size: { max: 50 } } },
      { fields: { company_size: "400" } },
    );
    expect(reason).toBe(
      "the country is DE, not AT; the score is 85, under 90; company_size is over 50",
    );
  });

  test("no conditions hold for every lead", () => {
    expect(judge({})).toEqual({ holds: true, reason: "it takes every lead" });
  });
});

describe("text", () => {
  test.each(["Referral", " REFERRAL ", "referral"])(
    "compares trimmed and without case: %j",
    (source) => {
      expect(judge({ source: "referral" }, { source }).holds).toBe(true);
      expect(judge({ source }, { source: "referral" }).holds).toBe(true);
    },
  );

  test("reads region, company and company domain", () => {
    expect(
      judge({ region: "bavaria", company: "ACME analytics", companyDomain: "acme.com" }).holds,
    ).toBe(true);
    expect(judge({ region: "Tyrol" }).reason).toBe("the region is Bavaria, not Tyrol");
    expect(judge({ companyDomain: "example.com" }).reason).toBe(
      "the company domain is acme.com, not example.com",
    );
  });

  test("a long list is counted, not recited", () => {
    const { reason } = judge({ countryCode: ["BE", "BG", "CZ", "DK", "EE", "IE", "GR"] });
    expect(reason).toBe("the country is DE, none of the 7 that the rule names");
  });

  test("a long value is cut", () => {
    const { reason } = judge({ source: "ads" }, { source: "x".repeat(200) });
    expect(reason).toBe(`the source is ${"x".repeat(80)}…, not ads`);
  });
});

describe("ranges", () => {
  test("include both ends", () => {
    const band: Conditions = { score: { min: 40, max: 79 } };
    expect([39, 40, 79, 80].map((score) => judge(band, { score }).holds)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(judge(band, { score: 39 }).reason).toBe("the score is 39, under 40");
    expect(judge(band, { score: 80 }).reason).toBe("the score is 80, over 79");
    expect(judge(band, { score: 60 }).reason).toBe("the score is 60");
  });

  test("zero is a bound and a value like any other", () => {
    expect(judge({ score: { max: 0 } }, { score: 0 }).holds).toBe(true);
    expect(judge({ score: { min: 0 } }, { score: -1 }).reason).toBe("the score is -1, under 0");
  });

  test.each(["35", " 35 ", "35.5", 35, "+35"])(
    "read the numbers that forms send: %j",
    (company_size) => {
      expect(
        judge({ fields: { company_size: { max: 50 } } }, { fields: { company_size } }),
      ).toEqual({
        holds: true,
        reason: "company_size is at most 50",
      });
    },
  );

  test.each(["about 35", "1,000", "0x10", "1e1", "Infinity", true, { a: 1 }, NaN])(
    "guess nothing: %j",
    (company_size) => {
      expect(
        judge({ fields: { company_size: { max: 50 } } }, { fields: { company_size } }),
      ).toEqual({
        holds: false,
        reason: "company_size is not a number",
      });
    },
  );

  test("a number asks for a number, not for its spelling", () => {
    expect(judge({ fields: { seats: 50 } }, { fields: { seats: "50.0" } }).holds).toBe(true);
    expect(judge({ fields: { seats: "50" } }, { fields: { seats: "50.0" } }).holds).toBe(false);
  });
});

describe("none", () => {
  test.each([undefined, null, "", "  ", [], ["", null]])("is a missing value: %j", (budget) => {
    expect(judge({ fields: { budget: "none" } }, { fields: { budget } })).toEqual({
      holds: true,
      reason: "budget is missing",
    });
    expect(judge({ fields: { budget: ["high", "low"] } }, { fields: { budget } }).reason).toBe(
      "budget is missing",
    );
  });

  test("is not the word", () => {
    expect(judge({ fields: { budget: "none" } }, { fields: { budget: "none" } })).toEqual({
      holds: false,
      reason: "budget is not missing",
    });
    expect(judge({ score: "none" }).reason).toBe("the score is 85, not missing");
  });

  test.each(["countryCode", "region", "source", "companyDomain", "company", "score"] as const)(
    "works for %s",
    (key) => {
      expect(judge({ [key]: "none" }, { [key]: null }).holds).toBe(true);
      expect(judge({ [key]: "none" }).holds).toBe(false);
    },
  );
});

describe("fields", () => {
  test("any value of a repeated field may satisfy", () => {
    const fields = { product: ["Router", "Switch"], size: ["900", "20"] };
    expect(judge({ fields: { product: "switch" } }, { fields }).holds).toBe(true);
    expect(judge({ fields: { size: { max: 50 } } }, { fields }).holds).toBe(true);
    expect(judge({ fields: { product: "modem" } }, { fields }).reason).toBe(
      "product does not match",
    );
    expect(judge({ fields: { size: { min: 1000 } } }, { fields }).reason).toBe(
      "size does not match",
    );
  });

  test("booleans of JSON and of forms", () => {
    expect(judge({ fields: { demo: true } }, { fields: { demo: true } }).holds).toBe(true);
    expect(judge({ fields: { demo: true } }, { fields: { demo: "true" } }).holds).toBe(true);
    expect(judge({ fields: { demo: true } }, { fields: { demo: false } }).holds).toBe(false);
  });

  test("only what was sent: nothing is inherited from Object", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      expect(judge({ fields: { [name]: "none" } }).holds).toBe(true);
    }
  });
});

describe("what a reason may say", () => {
  const secret = "qX7-secret";

  test("never a value of the free-text fields or the company's name, matched or missed", () => {
    const about = {
      company: secret,
      fields: { note: secret, size: secret, many: [secret, secret] },
    };
    const tests: Conditions[] = [
      { company: secret },
      { company: "other" },
      { company: ["other", "another"] },
      { company: "none" },
      { fields: { note: secret } },
      { fields: { note: "other" } },
      { fields: { note: ["other", { min: 3 }, "none"] } },
      { fields: { size: { min: 3 } } },
      { fields: { size: 3 } },
      { fields: { many: "none" } },
      { fields: { many: secret } },
    ];
    for (const conditions of tests) expect(judge(conditions, about).reason).not.toContain(secret);
  });

  test("nothing that a form or an API client can send makes it throw or shows through", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const fields = { x: value };
        for (const wanted of ["none", "a", 1, true, { min: 1 }] as const) {
          const { reason } = judge({ fields: { x: [wanted, "b"] } }, { fields });
          expect(reason).toMatch(/^x (matches|does not match|is missing|is at least 1)$/);
        }
      }),
    );
  });
});
