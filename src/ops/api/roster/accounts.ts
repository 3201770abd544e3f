import { z } from "zod";
import {
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
  type SavedAccount,
} from "../../../roster/index.ts";
import { findCompanyDomainOfEmail, findDomain } from "../../../intake/index.ts";
import { encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { id, should, text } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { pageOf } from "../shapes.ts";
import { resource } from "./resource.ts";

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

const accountFields = {
  domain: z.string().meta({ description: "Registrable domain, lower case." }),
  accountId: z.string().meta({ description: "The account's id in the CRM." }),
  name: z.string(),
  ownerId: z.string().meta({ description: "Need not be a rep: CRMs name others too." }),
};

const accountShape = z
  .strictObject(accountFields)
  .meta({ id: "Account", description: "A company that somebody already looks after." });

const savedAccount = z
  .strictObject({
    ...accountFields,
    warnings: z.array(z.string()).readonly().meta({ description: "Why its leads go elsewhere." }),
  })
  .meta({ id: "SavedAccount" });

const ACME: z.infer<typeof accountShape> = {
  domain: "acme-robotics.de",
  accountId: "0015g00000Xk2QpAAJ",
  name: "Acme Robotics",
  ownerId: "bo",
};

/** `/accounts`: which company is whose already. Mounted under /api. */
export function accountsApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/accounts",
      tag: "Accounts",
      summary: "All accounts, by domain",
      query: pageQuery,
      answers: {
        200: {
          description: "A page of accounts.",
          schema: pageOf(accountShape),
          example: { items: [ACME], nextCursor: encodeCursor(["accounts", ACME.domain]) },
        },
      },
    },
    async ({ deps: { db }, query }) => {
      const page = await readPage(
        query,
        "accounts",
        (after, limit) => listAccounts(db, after, limit),
        (account) => account.domain,
      );
      return { status: 200, body: page };
    },
  );

  resource(api, {
    path: "/accounts/{domain}",
    tag: "Accounts",
    key: z.object({ domain: accountDomain }),
    etag: true,
    read: (db, { domain }) => readAccount(db, domain),
    get: {
      summary: "Whose company is this?",
      schema: accountShape,
      show: (account) => account,
      found: { description: "The account.", example: ACME },
      missing: ({ domain }) => `There is no account for ${domain}.`,
    },
    put: {
      summary: "Add an account, or change it",
      description: "Under its registrable domain, in whatever spelling the path has it.",
      body: accountBody,
      bodyExample: { accountId: ACME.accountId, name: ACME.name, ownerId: ACME.ownerId },
      write: ({ deps, actor, params: { domain }, body }, seen) =>
        putAccount(deps, actor, { domain, ...body }, seen),
      schema: savedAccount,
      show: (saved) => ({ ...saved.value, warnings: warnOfOwner(saved) }),
      changed: { description: "There was one before.", example: { ...ACME, warnings: [] } },
      added: {
        description: "The account is new.",
        example: {
          ...ACME,
          ownerId: "ida",
          warnings: ["The owner ida is not a rep here and gets no leads."],
        },
      },
    },
    delete: {
      summary: "Remove an account",
      write: ({ deps, actor, params: { domain } }, seen) =>
        removeAccount(deps, actor, domain, seen),
      removed: "Leads of this company go by the other rules.",
    },
  });

  return api;
}

function warnOfOwner({ owner, value: { ownerId } }: SavedAccount): readonly string[] {
  switch (owner) {
    case "active":
      return [];
    case "inactive":
      return [`The owner ${ownerId} is deactivated and gets no leads.`];
    case "unknown":
      return [`The owner ${ownerId} is not a rep here and gets no leads.`];
  }
}
