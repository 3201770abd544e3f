import { source } from "lead-router";
import { describe, expect, it } from "vitest";
import { checkSources } from "../../../src/rules/source.ts";

describe("source()", () => {
  it("fills in what was not said", () => {
    expect(source("typeform", { key: "contact", secrets: ["TYPEFORM_SECRET"] })).toEqual({
      sender: "typeform",
      key: "contact",
      name: "typeform/contact",
      secrets: ["TYPEFORM_SECRET"],
      retired: [],
      archived: false,
      fieldAliases: new Map(),
      source: "typeform",
      url: null,
      proof: "signature",
    });
  });

  it.each([
    [{ key: "Contact" }, /source "typeform\/Contact": "key": must be 1 to 63 lower-case/],
    [{ key: "a/b" }, /"key": must be/],
    [{ secrets: [] }, /"secrets": must name a secret/],
    [{ secrets: ["A", "B", "C"] }, /"secrets": must name two secrets at most/],
    [{ secrets: ["A", "A"] }, /"secrets": names one secret twice/],
    [{ secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }, /never the value itself/],
    [{ secrets: "A" }, /"secrets": must list the name/],
    [{ retired: ["contact"] }, /"retired": "contact" is the key that is in use/],
    [{ retired: ["No"] }, /"retired.0": must be/],
    [{ source: " " }, /"source": must be a text without blanks/],
    [{ secret: "A" }, /"secret" is no setting of a typeform source; it can have "key", "secrets"/],
  ])("refuses %j, naming source and setting", (wrong, message) => {
    const declared = { key: "contact", secrets: ["A"] as const, ...wrong };
    // As untyped JavaScript, or a type that was silenced, would have it.
    expect(() => Reflect.apply(source, null, ["typeform", declared])).toThrow(message);
  });

  it("refuses a URL that a browser would not open", () => {
    const declared = { key: "contact", secrets: ["A"] as const, url: "ftp://router.example.com" };
    expect(() => source("hubspot", declared)).toThrow(
      /source "hubspot\/contact": "url": must be an https URL/,
    );
  });
});

describe("checkSources()", () => {
  const typeform = (key: string, ...retired: string[]) =>
    source("typeform", { key, secrets: ["A"], retired });

  it("refuses a key that was given out twice, be it retired", () => {
    for (const sources of [
      [typeform("a"), typeform("a")],
      [typeform("a"), typeform("b", "a")],
      [typeform("a", "c"), typeform("b", "c")],
    ])
      expect(() => checkSources(sources)).toThrow(/the key "typeform\/[ac]"/);
  });

  it("takes one key at two senders", () => {
    const sources = [
      typeform("a", "b"),
      source("tally", { key: "a", secrets: ["A"], retired: ["b"] }),
    ];
    expect(checkSources(sources)).toBe(sources);
  });
});
