import { describe, expect, it } from "vitest";
import { findField, groupByField } from "../../../src/intake/draft/field-names.ts";

describe("spellings of a field", () => {
  it.each([
    [
      "email",
      [
        "email",
        "e-mail",
        "E-Mail",
        "EMAIL",
        "emailaddress",
        "Email Address",
        "workemail",
        "business_email",
        "_replyto",
        "replyto",
        "your-email",
      ],
    ],
    ["phone", ["phone", "phone_number", "tel", "mobile", "PHONE_NUMBER", "WORK_PHONE"]],
    ["name", ["name", "full_name", "fullname", "your-name", "contact", "FULL_NAME"]],
    ["firstName", ["first_name", "firstname", "fname", "givenname", "FIRST_NAME", "First Name"]],
    ["lastName", ["last_name", "lastname", "lname", "surname", "familyname"]],
    [
      "company",
      ["company", "company_name", "organization", "organisation", "account", "COMPANY_NAME"],
    ],
    ["companyDomain", ["companyDomain", "company_domain", "website", "url", "domain"]],
    ["countryCode", ["countryCode", "country", "country_code", "Country"]],
    ["region", ["region", "state", "state_code", "province"]],
    ["source", ["source", "lead_source"]],
    ["utmSource", ["utm_source"]],
    ["score", ["score", "lead.score"]],
  ])("knows %s", (field, spellings) => {
    expect(spellings.map(findField)).toEqual(spellings.map(() => field));
  });

  it("knows nothing else", () => {
    const others = [
      "message",
      "utm_medium",
      "zip",
      "constructor",
      "__proto__",
      "toString",
      "",
      "emails",
    ];
    expect(others.map(findField)).toEqual(others.map(() => null));
  });

  it("prefers the canonical name, then the better spelling, then what was sent first", () => {
    const groups = groupByField(["_replyto", "work_email", "E-Mail", "e_mail", "email", "tel"]);
    expect(groups.get("email")).toEqual(["email", "E-Mail", "e_mail", "work_email", "_replyto"]);
    expect(groups.get("phone")).toEqual(["tel"]);
    expect(groups.has("name")).toBe(false);
  });
});
