import { z } from "zod";
import {
  type Account,
  type AccountRemoval,
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
  type SavedAccount,
} from "../../../roster/index.ts";
import { accountBody, accountDomain } from "../imports/account-rows.ts";
import { encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import {
  deleteHeaders,
  editUnderConditions,
  etagHeader,
  putHeaders,
  sameValues,
  tagOf,
} from "../etag.ts";
import { pageQuery, readPage } from "../page.ts";
import { Problem } from "../problem.ts";
import { pageOf } from "../shapes.ts";

const accountKey = z.object({ domain: accountDomain });

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

  endpoint(
    api,
    {
      method: "get",
      path: "/accounts/{domain}",
      tag: "Accounts",
      summary: "Whose company is this?",
      params: accountKey,
      answers: {
        200: {
          description: "The account.",
          headers: etagHeader,
          schema: accountShape,
          example: ACME,
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params: { domain } }) => {
      const account = await readAccount(deps.db, domain);
      if (!account) throw noAccount(domain);
      return { status: 200, body: account, headers: { ETag: tagOf(account) } };
    },
  );

  endpoint(
    api,
    {
      method: "put",
      path: "/accounts/{domain}",
      tag: "Accounts",
      summary: "Add an account, or change it",
      description: "Under its registrable domain, in whatever spelling the path has it.",
      params: accountKey,
      headers: putHeaders,
      body: accountBody,
      bodyExample: { accountId: ACME.accountId, name: ACME.name, ownerId: ACME.ownerId },
      answers: {
        200: {
          description: "There was one before.",
          headers: etagHeader,
          schema: savedAccount,
          example: { ...ACME, warnings: [] },
        },
        201: {
          description: "The account is new.",
          headers: etagHeader,
          schema: savedAccount,
          example: {
            ...ACME,
            ownerId: "ida",
            warnings: ["The owner ida is not a rep here and gets no leads."],
          },
        },
      },
      problems: ["precondition_failed"],
    },
    async ({ deps, actor, params: { domain }, body, request }) => {
      const account: Account = { domain, ...body };
      const saved = await editUnderConditions<Account, SavedAccount>(request, {
        read: () => readAccount(deps.db, domain),
        stands: (seen) => sameValues(seen, account),
        write: (seen) => putAccount(deps, actor, account, seen),
      });
      return {
        status: saved.outcome === "added" ? 201 : 200,
        body: { ...account, warnings: warnOfOwner(saved) },
        headers: { ETag: tagOf(account) },
      };
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/accounts/{domain}",
      tag: "Accounts",
      summary: "Remove an account",
      params: accountKey,
      headers: deleteHeaders,
      answers: { 204: { description: "Leads of this company go by the other rules." } },
      problems: ["not_found", "precondition_failed"],
    },
    async ({ deps, actor, params: { domain }, request }) => {
      const { outcome } = await editUnderConditions<Account, AccountRemoval>(request, {
        read: () => readAccount(deps.db, domain),
        stands: (seen) => seen === null,
        write: (seen) => removeAccount(deps, actor, domain, seen ?? undefined),
      });
      if (outcome === "not_found") throw noAccount(domain);
      return { status: 204 };
    },
  );

  return api;
}

function warnOfOwner({ owner, account: { ownerId } }: SavedAccount): readonly string[] {
  switch (owner) {
    case "active":
      return [];
    case "inactive":
      return [`The owner ${ownerId} is deactivated and gets no leads.`];
    case "unknown":
      return [`The owner ${ownerId} is not a rep here and gets no leads.`];
  }
}

function noAccount(domain: string): Problem {
  return new Problem("not_found", `There is no account for ${domain}.`);
}
