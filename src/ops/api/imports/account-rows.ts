import { z } from "zod";
import { findCompanyDomainOfEmail, findDomain } from "../../../intake/index.ts";
import type { Account } from "../../../roster/index.ts";
import type { RowFormat } from "./import-rows.ts";
import { id, should, text } from "../input.ts";

/** Text that names a company's domain, in whatever spelling; yields the registrable domain, lower case. */
export const accountDomain = z.string({ error: should("a domain") }).transform((value, context) => {
  const domain = findDomain(value);
  if (domain === null) context.addIssue("should be a company's domain, such as acme.com");
  else if (findCompanyDomainOfEmail(`x@${domain}`) === null)
    context.addIssue(`should be a company's domain; ${domain} is a free mail service`);
  else return domain;
  return z.NEVER;
});

/** The body of `PUT /accounts/:domain`. */
export const accountBody = z.strictObject({ accountId: text(200), name: text(200), ownerId: id });

/** Accounts in files, under the names that Salesforce, HubSpot and Pipedrive give the columns. */
export const ACCOUNT_ROWS: RowFormat<Account> = {
  spellings: {
    domain: ["domain", "companydomain", "companydomainname", "emaildomain", "website", "url"],
    accountId: ["accountid", "id", "companyid", "organizationid", "recordid"],
    name: ["name", "accountname", "company", "companyname", "organization"],
    ownerId: [
      "ownerid",
      "owner",
      "accountowner",
      "accountownerid",
      "companyowner",
      "hubspotownerid",
    ],
  },
  required: ["domain", "accountId", "name", "ownerId"],
  // HubSpot and Pipedrive number their records.
  convert: (_column, value) => (typeof value === "number" ? String(value) : value),
  schema: accountBody.extend({ domain: accountDomain }),
  key: "domain",
};
