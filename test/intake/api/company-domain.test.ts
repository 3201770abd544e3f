import { describe, expect, it } from "vitest";
import { findCompanyDomainOfEmail, findDomain } from "../../../src/intake/draft/values.ts";

describe("the domain of a website", () => {
  it.each([
    ["acme.com", "acme.com"],
    ["https://www.Acme.co.uk:8443/pricing?x=a@b.test#top", "acme.co.uk"],
    ["ACME.COM.", "acme.com"],
    ["shop.acme.com..", "acme.com"],
    ["jane@mail.acme.com", "acme.com"],
    ["www.MÜNCHEN.de", "xn--mnchen-3ya.de"],
    ["xn--mnchen-3ya.de", "xn--mnchen-3ya.de"],
    ["foo.公司.cn", "foo.xn--55qx5d.cn"],
    // Two customers of one host are two companies; the host itself is one, too.
    ["blog.jane.github.io", "jane.github.io"],
    ["github.io", "github.io"],
  ])("of %s is %s", (text, domain) => {
    expect(findDomain(text)).toBe(domain);
  });

  it.each([
    "",
    "n/a",
    "none",
    "localhost",
    "http://192.168.0.1/",
    "[::1]",
    "co.uk",
    "com",
    "my company",
    "http://",
  ])("of %j is unknown", (text) => {
    expect(findDomain(text)).toBeNull();
  });
});

describe("the company domain of an e-mail address", () => {
  it.each([
    ["jane@acme.com", "acme.com"],
    ["jane@eu.mail.acme.co.uk", "acme.co.uk"],
    ["jane@BÜRO.example.de", "example.de"],
    ['"a@b"@acme.com', "acme.com"],
  ])("of %s is %s", (email, domain) => {
    expect(findCompanyDomainOfEmail(email)).toBe(domain);
  });

  it.each([
    "jane@gmail.com",
    "jane@GMX.de",
    "jane@yahoo.co.uk",
    "jane@web.de.",
    "jane@fastmail.com",
    "jane@tutanota.com",
    "jane@mx.gmail.com",
    "jane@[10.0.0.1]",
  ])("of %s is none", (email) => {
    expect(findCompanyDomainOfEmail(email)).toBeNull();
  });
});
