import { appendCommit } from "../audit/commits.ts";
import { insertEventsFrom } from "../audit/events.ts";
import type { Deps } from "../deps.ts";
import { chunkJson } from "../storage/json-chunks.ts";
import { query, rows, sql, writeThenRead, type Query } from "../storage/query.ts";
import type { accounts } from "../storage/schema.ts";
import type { StoredRow } from "../storage/stored-row.ts";
import {
  changedFields,
  kindOfEvent,
  putOutcome,
  type EventKey,
  type PutOutcome,
} from "./roster-events.ts";

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

export interface ImportCount {
  /** Accounts that were added or changed. */
  readonly imported: number;
  readonly unchanged: number;
}

/**
 * Bytes of accounts one transaction takes, some 1,500: D1 does one thing at a time, and a lead at the door should
 * not wait long behind an import. Far below the 2 MB of one parameter.
 */
const CHUNK_BYTES = 250_000;

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

/** Adds or replaces an account. */
export async function putAccount(
  deps: Deps,
  actor: string,
  account: Account,
): Promise<SavedAccount> {
  const at = deps.now();
  const event = nameEvent(deps, account.domain);
  const chunk = JSON.stringify([{ ...account, id: event.id }]);
  const [events, [owner]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, accountsPut(chunk)),
      upsertAccounts(chunk),
      appendCommit(at, [], [event]),
    ],
    [
      kindOfEvent(event),
      query<{ active: 0 | 1 }>(sql`SELECT active FROM reps WHERE id = ${account.ownerId}`),
    ],
  );
  const known = owner?.active === 1 ? "active" : "inactive";
  return { outcome: putOutcome(events), account, owner: owner ? known : "unknown" };
}

/**
 * Adds or replaces many accounts, each change with an audit event of its own, in as many transactions as it takes.
 * When one fails those before it stand, and the same import can be made again. No domain may occur twice.
 */
export async function importAccounts(
  deps: Deps,
  actor: string,
  accounts: readonly Account[],
): Promise<ImportCount> {
  let imported = 0;
  const named = accounts.map((account) => ({ ...account, id: deps.newId() }));
  for (const chunk of chunkJson(named, CHUNK_BYTES)) {
    const at = deps.now();
    const part: typeof named = JSON.parse(chunk);
    const events = part.map(({ domain, id }): EventKey => ({
      subjectType: "account",
      subjectId: domain,
      id,
    }));
    const [[written]] = await writeThenRead(
      deps.db,
      [
        insertEventsFrom(actor, at, accountsPut(chunk)),
        upsertAccounts(chunk),
        appendCommit(at, [], events),
      ],
      [countEvents(chunk)],
    );
    imported += written?.count ?? 0;
  }
  return { imported, unchanged: accounts.length - imported };
}

export async function removeAccount(
  deps: Deps,
  actor: string,
  domain: string,
): Promise<"removed" | "not_found"> {
  const at = deps.now();
  const event = nameEvent(deps, domain);
  const removal = sql`
    SELECT 'account' AS subject_type, a.domain AS subject_id, ${event.id} AS id, 'account_removed' AS kind,
      json_object('before', ${DETAIL}, 'after', NULL) AS detail
    FROM accounts a WHERE a.domain = ${domain}`;
  const [events] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, removal),
      query(sql`DELETE FROM accounts WHERE domain = ${domain}`),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event)],
  );
  return events.length > 0 ? "removed" : "not_found";
}

/** JSON of what routing knows of the account `a`. */
const DETAIL = sql`json_object('accountId', a.account_id, 'ownerId', a.owner_id)`;

function nameEvent(deps: Deps, domain: string): EventKey {
  return { subjectType: "account", subjectId: domain, id: deps.newId() };
}

/** @param chunk JSON list of accounts, each with the `id` of the event it may become */
function accountsPut(chunk: string) {
  return sql`
    SELECT 'account' AS subject_type, n.value ->> 'domain' AS subject_id, n.value ->> 'id' AS id,
      iif(a.domain IS NULL, 'account_added', 'account_changed') AS kind,
      json_object('before', json(iif(a.domain IS NULL, NULL, ${DETAIL})),
        'after', json_object('accountId', n.value ->> 'accountId', 'ownerId', n.value ->> 'ownerId'),
        'changed', ${changedFields({ name: [sql`a.name`, sql`n.value ->> 'name'`] })}) AS detail
    FROM json_each(${chunk}) n LEFT JOIN accounts a ON a.domain = n.value ->> 'domain'
    WHERE a.domain IS NULL OR (a.account_id, a.name, a.owner_id) IS NOT
      (n.value ->> 'accountId', n.value ->> 'name', n.value ->> 'ownerId')`;
}

function upsertAccounts(chunk: string): Query {
  return query(sql`
    INSERT INTO accounts (domain, account_id, name, owner_id)
    SELECT value ->> 'domain', value ->> 'accountId', value ->> 'name', value ->> 'ownerId'
    FROM json_each(${chunk}) WHERE true
    ON CONFLICT (domain) DO UPDATE SET
      account_id = excluded.account_id, name = excluded.name, owner_id = excluded.owner_id
    WHERE (account_id, name, owner_id) IS NOT (excluded.account_id, excluded.name, excluded.owner_id)`);
}

function countEvents(chunk: string): Query<{ count: number }> {
  return query(sql`
    SELECT count(*) AS count FROM json_each(${chunk}) n CROSS JOIN events e
      ON e.subject_type = 'account' AND e.subject_id = n.value ->> 'domain' AND e.id = n.value ->> 'id'`);
}

function accountByDomain(domain: string): Query<StoredRow<typeof accounts>> {
  return query(sql`SELECT ${COLUMNS} FROM accounts WHERE domain = ${domain}`);
}
