import { describe, expect, it } from "vitest";
import { checkForms, findForm, form, type FormSettings } from "../../../src/rules/form.ts";

describe("a declaration", () => {
  it("has defaults that take a lead from anywhere and limit floods", () => {
    expect(form("contact")).toMatchObject({
      key: "contact",
      allowedOrigins: [],
      allowMissingOrigin: true,
      thanks: null,
      captcha: null,
      rateLimit: "FORMS",
      active: true,
    });
  });

  it.each<[string, FormSettings | Record<string, unknown>, RegExp]>([
    ["Contact", {}, /form "Contact": the key must be/],
    [
      "a",
      { allowedOrigin: ["x.test"] },
      /form "a": "allowedOrigin" is no setting of a form; it can have "aliases"/,
    ],
    [
      "a",
      { allowedOrigins: ["https://site.test"] },
      /"allowedOrigins.0": "https:\/\/site.test" is no host/,
    ],
    ["a", { allowedOrigins: ["*"] }, /"\*" is no host/],
    ["a", { allowedOrigins: ["*.com"] }, /"\*.com" is no host/],
    ["a", { thanks: "http://site.test/thanks" }, /"thanks": must be an https URL/],
    ["a", { thanks: "javascript:alert(1)" }, /must be an https URL/],
    ["a", { thanks: "https://u:p@site.test" }, /must be an https URL/],
    [
      "a",
      { captcha: { turnstile: "0x4AAA-secret", whenUnreachable: "accept" } },
      /"captcha.turnstile": must be a name in CAPITALS_AND_DIGITS, never the value/,
    ],
    ["a", { captcha: { turnstile: "SECRET" } }, /"captcha.whenUnreachable"/],
    ["a", { fieldAliases: { "00N1": "_next" } }, /"_next" is a name that forms use to steer/],
    ["a", { aliases: { mailchimp: "x" } }, /mailchimp/],
    ["a", { source: " " }, /"source"/],
  ])("of %j with %j is refused, naming the form and the setting", (key, settings, message) => {
    expect(() => form(key, settings)).toThrow(message);
  });
});

describe("several forms", () => {
  it("of one key, or of one name in one service's markup, are refused", () => {
    expect(() => checkForms([form("a"), form("a")])).toThrow('two forms have the key "a"');
    const both = [
      form("a", { aliases: { hubspot: "AB-1" } }),
      form("b", { aliases: { hubspot: ["x", "ab-1"] } }),
    ];
    expect(() => checkForms(both)).toThrow(
      'the forms "a" and "b" are both called "ab-1" (hubspot)',
    );
    const apart = [
      form("a", { aliases: { hubspot: "x", netlify: "y" } }),
      form("b", { aliases: { hubspot: "y", netlify: "x" } }),
    ];
    expect(checkForms(apart)).toBe(apart);
  });

  it("are found by key in any markup, by alias in its own, whatever the case of a GUID or the length of an oid", () => {
    const demo = form("demo", {
      aliases: { hubspot: "0F0E-aa", salesforce: "00D5g000004AbCd", web3forms: "k" },
    });
    expect(findForm([demo], "netlify", "demo")).toBe(demo);
    expect(findForm([demo], "hubspot", "0f0e-AA")).toBe(demo);
    expect(findForm([demo], "salesforce", "00D5g000004AbCdEAM")).toBe(demo);
    expect(findForm([demo], "salesforce", "00D5G000004ABCD")).toBeNull();
    expect(findForm([demo], "formspree", "k")).toBeNull();
  });
});
