import type { Deps } from "../ports/deps.ts";
import { sql } from "../lib/query.ts";
import { only } from "../record/columns.ts";
import { accounts } from "../record/schema.ts";
import { activityOf } from "./roster.ts";
import {
  listRows,
  type Overtaken,
  type PutOutcome,
  putRow,
  readRow,
  type Removal,
  removeRow,
  type RosterTable,
  type Seen,
} from "./table.ts";

/**
 * A company that somebody already looks after, by its registrable domain in lower case. The owner need not be a rep: CRMs name
 * others too, and then the trail says so. Pods know nothing of accounts, so a change is not handed on.
 */
export type Account = Readonly<typeof accounts.$inferSelect>;

export interface SavedAccount {
  readonly outcome: PutOutcome;
  readonly value: Account;
  /** What the owner is; `unknown` = not a rep. Only an active one is assigned leads. */
  readonly owner: "active" | "inactive" | "unknown";
}

export type AccountRemoval = Pick<Removal, "outcome">;

export const ACCOUNTS: RosterTable<Account> = {
  subjectType: "account",
  added: "added",
  table: accounts,
  columns: only(accounts, "domain", "accountId", "name", "ownerId"),
  key: ["domain"],
  personal: ["name"],
  detail: ({ accountId, ownerId }) =>
    sql`json_object('accountId', ${accountId}, 'ownerId', ${ownerId})`,
};

export function readAccount(db: D1Database, domain: string) {
  return readRow(db, ACCOUNTS, { domain });
}

/** Up to `limit` accounts whose domains come after `after`, by domain. */
export function listAccounts(db: D1Database, after: string, limit: number) {
  return listRows(db, ACCOUNTS, after, limit);
}

/** Adds or replaces an account, if it is still as it was seen. */
export async function putAccount(
  deps: Deps,
  actor: string,
  account: Account,
  seen?: Seen<Account>,
): Promise<SavedAccount | Overtaken> {
  const put = await putRow(deps, actor, ACCOUNTS, account, seen, activityOf(account.ownerId));
  if (put.outcome === "overtaken") return { outcome: put.outcome };
  const [owner] = put.also;
  const known = owner?.active === true ? "active" : "inactive";
  return { outcome: put.outcome, value: account, owner: owner ? known : "unknown" };
}

/** Removes an account, if it is still as it was seen. */
export async function removeAccount(
  deps: Deps,
  actor: string,
  domain: string,
  seen?: Account,
): Promise<AccountRemoval | Overtaken> {
  const { outcome } = await removeRow(deps, actor, ACCOUNTS, { domain }, seen);
  return { outcome };
}
