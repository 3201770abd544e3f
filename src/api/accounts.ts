import { Hono } from "hono";
import { z } from "zod";
import {
  importAccounts,
  listAccounts,
  putAccount,
  readAccount,
  removeAccount,
  type SavedAccount,
} from "../roster/accounts.ts";
import {
  accountBody,
  accountDomain,
  parseAccountsCsv,
  parseAccountsNdjson,
  type AccountRows,
} from "./account-rows.ts";
import type { ApiEnv } from "./app.ts";
import { validate, readJson, readText } from "./input.ts";
import { readPage } from "./page.ts";
import { Problem } from "./problem.ts";

/** Bytes of an import, some 50,000 accounts: parsed within the memory and the time a request has. */
const MAX_IMPORT_BYTES = 5_000_000;

const PARSERS: ReadonlyMap<string, (body: string) => AccountRows> = new Map([
  ["text/csv", parseAccountsCsv],
  ["application/x-ndjson", parseAccountsNdjson],
  ["application/ndjson", parseAccountsNdjson],
]);

/** `/accounts`: which company is whose already. Mounted under /api. */
export function accountsApi(): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();

  api.get("/accounts", async (c) => {
    const { db } = c.var.deps;
    const page = await readPage(
      c.req.url,
      "accounts",
      (after, limit) => listAccounts(db, after, limit),
      (account) => account.domain,
    );
    return c.json(page);
  });

  api.post("/accounts/import", async (c) => {
    const type = c.req.header("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const parse = PARSERS.get(type);
    if (!parse) {
      throw new Problem("unsupported_media_type", "Send text/csv or application/x-ndjson.");
    }
    const { accounts, refused } = parse(await readText(c.req.raw, MAX_IMPORT_BYTES));
    const count = await importAccounts(c.var.deps, c.var.actor, accounts);
    return c.json({ ...count, refused });
  });

  api.get("/accounts/:domain", async (c) => {
    const domain = readDomain(c.req.param("domain"));
    const account = await readAccount(c.var.deps.db, domain);
    if (!account) throw noAccount(domain);
    return c.json(account);
  });

  api.put("/accounts/:domain", async (c) => {
    const domain = readDomain(c.req.param("domain"));
    const values = await readJson(c.req.raw, accountBody);
    const saved = await putAccount(c.var.deps, c.var.actor, { domain, ...values });
    return c.json(
      { ...saved.account, warnings: warnOfOwner(saved) },
      saved.outcome === "added" ? 201 : 200,
    );
  });

  api.delete("/accounts/:domain", async (c) => {
    const domain = readDomain(c.req.param("domain"));
    const outcome = await removeAccount(c.var.deps, c.var.actor, domain);
    if (outcome === "not_found") throw noAccount(domain);
    return c.body(null, 204);
  });

  return api;
}

function readDomain(domain: string): string {
  return validate(z.object({ domain: accountDomain }), { domain }).domain;
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
