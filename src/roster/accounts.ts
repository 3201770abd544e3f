import type { SQL } from "drizzle-orm";
import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import type { accounts } from "../record/schema.ts";
import type { StoredRow } from "../record/columns.ts";
import { rowsOfJson, type ImportTable, type RowList } from "./import-table.ts";
import {
  changedFields,
  kindOfEvent,
  putOutcome,
  type EventKey,
  type PutOutcome,
} from "./roster-events.ts";
import { isOvertaken, type Overtaken, type Seen } from "./seen.ts";

/** A company that somebody already looks after. Pods know nothing of accounts, so a change is not handed on. */
export interface Account {
  /** Registrable domain, lower case. */
  readonly domain: string;
  readonly accountId: string;
  readonly name: string;
  /** Need not be a rep: CRMs name others too, and then the trail says so. */
  readonly ownerId: string;
}

export interface SavedAccount {
  readonly outcome: PutOutcome;
  readonly account: Account;
  /** What the owner is; `unknown` is no rep. Only an active one is assigned leads. */
  readonly owner: "active" | "inactive" | "unknown";
}

export interface AccountRemoval {
  readonly outcome: "removed" | "not_found";
}

const COLUMNS = sql`domain, account_id AS accountId, name, owner_id AS ownerId`;

export async function readAccount(db: D1Database, domain: string): Promise<Account | null> {
  const [account] = await rows(db, accountByDomain(domain));
  return account ?? null;
}

/** Up to `limit` accounts whose domains come after `after`, by domain. */
export async function listAccounts(
  db: D1Database,
  after: string,
  limit: number,
): Promise<Account[]> {
  return await rows(
    db,
    query<StoredRow<typeof accounts>>(
      sql`SELECT ${COLUMNS} FROM accounts WHERE domain > ${after} ORDER BY domain LIMIT ${limit}`,
    ),
  );
}

/** Adds or replaces an account, if it stands as it was seen. */
export async function putAccount(
  deps: Deps,
  actor: string,
  account: Account,
  seen?: Seen<Account>,
): Promise<SavedAccount | Overtaken> {
  const at = deps.now();
  const event = nameEvent(deps, account.domain);
  const list = rowsOfJson(JSON.stringify([{ ...account, eventId: event.id }]));
  const still = stillAs(account.domain, seen);
  const [events, [found], [owner]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, sql`SELECT * FROM (${accountsPut(list)}) WHERE ${still}`),
      upsertAccounts(list, still),
      appendCommit(at, [], [event]),
    ],
    [
      kindOfEvent(event),
      accountByDomain(account.domain),
      query<{ active: 0 | 1 }>(sql`SELECT active FROM reps WHERE id = ${account.ownerId}`),
    ],
  );
  if (events.length === 0 && isOvertaken(seen, found ?? null)) return { outcome: "overtaken" };
  const known = owner?.active === 1 ? "active" : "inactive";
  return { outcome: putOutcome(events), account, owner: owner ? known : "unknown" };
}

/** Removes an account, if it stands as it was seen. */
export async function removeAccount(
  deps: Deps,
  actor: string,
  domain: string,
  seen?: Account,
): Promise<AccountRemoval | Overtaken> {
  const at = deps.now();
  const event = nameEvent(deps, domain);
  const still = stillAs(domain, seen);
  const removal = sql`
    SELECT 'account' AS subject_type, a.domain AS subject_id, ${event.id} AS id, 'account_removed' AS kind,
      json_object('before', ${DETAIL}, 'after', NULL) AS detail
    FROM accounts a WHERE a.domain = ${domain} AND ${still}`;
  const [events, [found]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, removal),
      query(sql`DELETE FROM accounts WHERE domain = ${domain} AND ${still}`),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), accountByDomain(domain)],
  );
  if (events.length > 0) return { outcome: "removed" };
  return { outcome: found === undefined ? "not_found" : "overtaken" };
}

/** Accounts as lists of them are imported. */
export const ACCOUNTS: ImportTable<Account> = {
  subjectType: "account",
  key: "domain",
  events: accountsPut,
  upsert: (list) => upsertAccounts(list, sql`true`),
};

/** JSON of what routing knows of the account `a`. */
const DETAIL = sql`json_object('accountId', a.account_id, 'ownerId', a.owner_id)`;

function nameEvent(deps: Deps, domain: string): EventKey {
  return { subjectType: "account", subjectId: domain, id: deps.newId() };
}

/** Whether the account stands as it was seen: an expression. */
function stillAs(domain: string, seen: Seen<Account>): SQL {
  if (seen === undefined) return sql`true`;
  if (seen === null) return sql`NOT EXISTS (SELECT 1 FROM accounts s WHERE s.domain = ${domain})`;
  return sql`EXISTS (
    SELECT 1 FROM accounts s WHERE s.domain = ${domain}
      AND (s.account_id, s.name, s.owner_id) IS (${seen.accountId}, ${seen.name}, ${seen.ownerId}))`;
}

function accountsPut(list: RowList): SQL {
  return sql`
    SELECT 'account' AS subject_type, n.value ->> 'domain' AS subject_id, n.value ->> 'eventId' AS id,
      iif(a.domain IS NULL, 'account_added', 'account_changed') AS kind,
      json_object('before', json(iif(a.domain IS NULL, NULL, ${DETAIL})),
        'after', json_object('accountId', n.value ->> 'accountId', 'ownerId', n.value ->> 'ownerId'),
        'changed', ${changedFields({ name: [sql`a.name`, sql`n.value ->> 'name'`] })}) AS detail
    FROM ${list} n LEFT JOIN accounts a ON a.domain = n.value ->> 'domain'
    WHERE a.domain IS NULL OR (a.account_id, a.name, a.owner_id) IS NOT
      (n.value ->> 'accountId', n.value ->> 'name', n.value ->> 'ownerId')`;
}

function upsertAccounts(list: RowList, condition: SQL): Query {
  return query(sql`
    INSERT INTO accounts (domain, account_id, name, owner_id)
    SELECT n.value ->> 'domain', n.value ->> 'accountId', n.value ->> 'name', n.value ->> 'ownerId'
    FROM ${list} n WHERE ${condition}
    ON CONFLICT (domain) DO UPDATE SET
      account_id = excluded.account_id, name = excluded.name, owner_id = excluded.owner_id
    WHERE (account_id, name, owner_id) IS NOT (excluded.account_id, excluded.name, excluded.owner_id)`);
}

function accountByDomain(domain: string): Query<StoredRow<typeof accounts>> {
  return query(sql`SELECT ${COLUMNS} FROM accounts WHERE domain = ${domain}`);
}
