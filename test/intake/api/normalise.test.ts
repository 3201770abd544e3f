import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCountryCode } from "../../../src/intake/draft/values.ts";
import type { FieldError } from "../../../src/intake/answer.ts";
import { parseLead } from "../../../src/intake/draft/parse-lead.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";

function draftOf(sent: Record<string, unknown>): LeadDraft {
  const parsed = parseLead(sent);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.draft;
}

function errorsOf(sent: Record<string, unknown>): readonly FieldError[] {
  const parsed = parseLead(sent);
  return parsed.ok ? [] : parsed.errors;
}

const EMAIL = "jane@acme.com";

describe("a lead of canonical fields", () => {
  it("is taken field by field and leaves in `fields` only the rest", () => {
    const sent = {
      email: " Jane@Acme.COM ",
      phone: "+49  (0)30\t123456",
      name: "Jane  Doe",
      company: "Acme GmbH",
      companyDomain: "acme.com",
      countryCode: "DE",
      region: "Berlin",
      source: "referral",
      score: 87,
      message: "  as  it was  ",
      nested: { a: [1, null] },
    };
    expect(draftOf(sent)).toEqual({
      email: "jane@acme.com",
      phone: "+49 (0)30 123456",
      name: "Jane Doe",
      company: "Acme GmbH",
      companyDomain: "acme.com",
      countryCode: "DE",
      region: "Berlin",
      source: "referral",
      score: 87,
      fields: { message: "  as  it was  ", nested: { a: [1, null] } },
    });
  });

  it("is nulls where nothing was sent", () => {
    expect(draftOf({ phone: "030 123456" })).toEqual({
      email: null,
      phone: "030 123456",
      name: null,
      company: null,
      companyDomain: null,
      countryCode: null,
      region: null,
      source: null,
      score: null,
      fields: {},
    });
  });
});

describe("reaching the lead", () => {
  it("needs an email or a phone, and the error names both", () => {
    for (const sent of [
      {},
      { name: "Jane" },
      { email: "  ", phone: "" },
      { email: null },
      { email: { a: 1 } },
    ]) {
      const errors = errorsOf(sent);
      expect(errors).toMatchObject([{ code: "REQUIRED_FIELD_MISSING", field: "email" }]);
      expect(errors[0]?.message).toContain("phone");
    }
  });

  it.each([
    "jane",
    "jane@",
    "@acme.com",
    "jane@acme",
    "ja ne@acme.com",
    "jane@acme..com",
    "jane@@acme.com",
    "<jane@acme.com>",
    "jane@acme.com, bo@acme.com",
    `${"x".repeat(64)}@${"y.".repeat(100)}com`,
  ])("refuses the email %j, though a phone is there", (email) => {
    expect(errorsOf({ email, phone: "030 123456" })).toMatchObject([
      { code: "TYPE_EMAIL", field: "email" },
    ]);
  });

  it.each([
    "jane.o'neil+tag@mail.acme.co.uk",
    "jörg@müller.de",
    "x@y.museum",
    "1@2.io",
    "jane@xn--mnchen-3ya.de",
  ])("takes the email %s", (email) => {
    expect(draftOf({ email }).email).toBe(email);
  });

  it("takes 254 characters of email and no more", () => {
    const domain = `${"a.".repeat(124)}com`;
    expect(draftOf({ email: `xy@${domain}` }).email).toHaveLength(254);
    expect(errorsOf({ email: `xyz@${domain}` })).toMatchObject([
      { code: "TYPE_EMAIL", field: "email" },
    ]);
  });

  it("refuses a phone of fewer than 5 or more than 20 digits", () => {
    expect(draftOf({ phone: "12345" }).phone).toBe("12345");
    expect(draftOf({ phone: 4930123456 }).phone).toBe("4930123456");
    expect(draftOf({ phone: "1".repeat(20) }).phone).toHaveLength(20);
    for (const phone of ["1234", "call me", "1".repeat(21)]) {
      expect(errorsOf({ email: EMAIL, phone })).toMatchObject([
        { code: "TYPE_TEXT", field: "phone" },
      ]);
    }
  });

  it("names the field as the caller spelled it, and every field that is wrong", () => {
    expect(errorsOf({ "Work Email": "jane", tel: "12" }).map(({ field }) => field)).toEqual([
      "Work Email",
      "tel",
    ]);
  });
});

describe("what is no reason to refuse", () => {
  it("clips a text that is too long, and keeps the whole of it in `fields`", () => {
    const long = `${"x".repeat(199)}😀${"y".repeat(100)}`;
    const draft = draftOf({ email: EMAIL, name: long, company: long, region: long, source: long });
    for (const text of [draft.name, draft.company, draft.region, draft.source])
      expect(text).toBe("x".repeat(199));
    expect(draft.fields).toEqual({ name: long, company: long, region: long, source: long });
    expect(draftOf({ email: EMAIL, name: "x".repeat(200) }).fields).toEqual({});
  });

  it.each([
    ["87", 87],
    ["87.5", 87.5],
    [" -3 ", -3],
    [0, 0],
  ])("reads the score %j", (score, number) => {
    expect(draftOf({ email: EMAIL, score })).toMatchObject({ score: number, fields: {} });
  });

  it.each([
    ["79.995", 80],
    ["79.994", 79.99],
    [-0.001, 0],
    [1e300, 1e300],
  ])("rounds the score %j to two decimals", (score, number) => {
    const fields = score === number ? {} : { score };
    expect(draftOf({ email: EMAIL, score })).toMatchObject({ score: number, fields });
  });

  it.each(["87 %", "hot", "1e3", "0x10", "", "Infinity", "9".repeat(400), true, null, [87]])(
    "keeps the score %j as it was sent",
    (score) => {
      expect(draftOf({ email: EMAIL, score })).toMatchObject({ score: null, fields: { score } });
    },
  );

  it("keeps a country it does not know", () => {
    expect(draftOf({ email: EMAIL, country: "Deutschland" })).toMatchObject({
      countryCode: "DE",
      fields: {},
    });
    expect(draftOf({ email: EMAIL, country: "Neverland" })).toMatchObject({
      countryCode: null,
      fields: { country: "Neverland" },
    });
    expect(draftOf({ email: EMAIL, country_code: "??", country: "France" })).toMatchObject({
      countryCode: "FR",
      fields: { country_code: "??" },
    });
  });
});

describe("one field under several names", () => {
  it("takes the first that is not blank, the canonical name first, and keeps the others", () => {
    const sent = { _replyto: "c@acme.com", work_email: "b@acme.com", email: " " };
    expect(draftOf(sent)).toMatchObject({
      email: "b@acme.com",
      fields: { _replyto: "c@acme.com", email: " " },
    });
  });

  it("takes the first text of a list, and keeps the list", () => {
    expect(draftOf({ email: ["", EMAIL, "bo@acme.com"] })).toMatchObject({
      email: EMAIL,
      fields: { email: ["", EMAIL, "bo@acme.com"] },
    });
  });

  it("makes a name of its parts, and keeps the parts", () => {
    const parts = { first_name: "Jane Ann", last_name: "Doe" };
    expect(draftOf({ email: EMAIL, ...parts })).toMatchObject({
      name: "Jane Ann Doe",
      fields: parts,
    });
    expect(draftOf({ email: EMAIL, fname: "Jane" }).name).toBe("Jane");
    expect(draftOf({ email: EMAIL, ...parts, name: "Dr. Doe" })).toMatchObject({
      name: "Dr. Doe",
      fields: parts,
    });
  });

  it("takes utm_source for the source when there is none, and keeps it", () => {
    expect(draftOf({ email: EMAIL, utm_source: "ads" })).toMatchObject({
      source: "ads",
      fields: { utm_source: "ads" },
    });
    expect(draftOf({ email: EMAIL, utm_source: "ads", source: "fair" })).toMatchObject({
      source: "fair",
      fields: { utm_source: "ads" },
    });
  });
});

describe("the company domain", () => {
  it("is the website's rather than the email's, and a URL stays in `fields`", () => {
    expect(draftOf({ email: EMAIL, website: "https://www.other.co.uk/x" })).toMatchObject({
      companyDomain: "other.co.uk",
      fields: { website: "https://www.other.co.uk/x" },
    });
    expect(draftOf({ email: EMAIL, website: "n/a" })).toMatchObject({
      companyDomain: "acme.com",
      fields: { website: "n/a" },
    });
  });

  it("is none for a free mailbox", () => {
    expect(draftOf({ email: "jane@gmail.com" }).companyDomain).toBeNull();
    expect(draftOf({ email: "jane@gmail.com", companyDomain: "ACME.com" })).toMatchObject({
      companyDomain: "acme.com",
      fields: {},
    });
  });
});

describe("hostile input", () => {
  it("refuses what SQLite could not parse again, naming the field", () => {
    const deep = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
    expect(
      errorsOf({ email: EMAIL, a: deep(64), b: deep(65), c: deep(5_000) }).map(
        ({ field }) => field,
      ),
    ).toEqual(["b", "c"]);
    expect(draftOf({ email: EMAIL, a: deep(64) }).fields).toEqual({ a: deep(64) });
  });

  it("replaces NUL and lone surrogates, in names and at any depth", () => {
    const draft = draftOf({ email: EMAIL, name: "Ja\0ne\uD800", "k\0": [{ "\uDC00": "\uD83D" }] });
    expect(draft.name).toBe("Ja\uFFFDne\uFFFD");
    expect(draft.fields).toEqual({ "k\uFFFD": [{ "\uFFFD": "\uFFFD" }] });
  });

  it("takes __proto__ for a field like any other, also inside", () => {
    const draft = draftOf(
      JSON.parse(
        `{"email":"${EMAIL}","__proto__":{"score":99},"constructor":{"__proto__":{"x":1}}}`,
      ),
    );
    expect(draft.score).toBeNull();
    expect(JSON.stringify(draft.fields)).toBe(
      '{"__proto__":{"score":99},"constructor":{"__proto__":{"x":1}}}',
    );
  });
});

const SPELLINGS = [
  "email",
  "E-Mail",
  "_replyto",
  "phone",
  "tel",
  "name",
  "first_name",
  "last_name",
  "company",
  "website",
  "country",
  "state",
  "source",
  "utm_source",
  "score",
  "message",
];
const VALUES = [
  "jane@acme.com",
  "JANE@gmail.com",
  "030 123 456",
  "Deutschland",
  "https://acme.com/x",
  "acme.com",
  "87",
  "87 %",
  "x ".repeat(150),
  " ",
  "",
];

const sentByAnyone = fc.dictionary(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...SPELLINGS) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  ),
  fc.oneof(
    fc.constantFrom(...VALUES),
    fc.array(fc.constantFrom(...VALUES)),
    fc.jsonValue(),
    fc.string({ unit: "binary" }),
  ),
  { maxKeys: 12 },
);

function says(draft: LeadDraft, value: unknown): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  const text = String(value).replace(/\s+/g, " ").trim();
  const kept = [
    draft.email,
    draft.phone,
    draft.name,
    draft.company,
    draft.companyDomain,
    draft.region,
    draft.source,
    draft.countryCode,
  ];
  const asCountry = draft.countryCode !== null && findCountryCode(text) === draft.countryCode;
  return (
    asCountry ||
    Number(text) === draft.score ||
    kept.some((field) => field?.toLowerCase() === text.toLowerCase())
  );
}

describe("whatever is sent", () => {
  it("parseLead never throws, and what it refuses it refuses by name", () => {
    fc.assert(
      fc.property(sentByAnyone, (sent) => {
        const parsed = parseLead(sent);
        if (!parsed.ok) for (const error of parsed.errors) expect(error.field).toBeTruthy();
      }),
    );
  });

  it("is in the lead or in `fields`, every single entry", () => {
    fc.assert(
      fc.property(sentByAnyone, (sent) => {
        const clean: Record<string, unknown> = JSON.parse(
          JSON.stringify({ ...sent, email: "jane@acme.com" }).replace(
            /\\u(0000|d[89a-f]..)/gi,
            "?",
          ),
        );
        const parsed = parseLead(clean);
        if (!parsed.ok) return;
        for (const [name, value] of Object.entries(clean)) {
          if (Object.hasOwn(parsed.draft.fields, name))
            expect(parsed.draft.fields[name]).toEqual(value);
          else expect(says(parsed.draft, value), `${name}: ${String(value)}`).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("comes out the same every time", () => {
    fc.assert(
      fc.property(sentByAnyone, (sent) => {
        expect(parseLead(sent)).toEqual(parseLead(sent));
      }),
    );
  });
});
