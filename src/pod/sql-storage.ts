import type { DecisionKey } from "../record/decision-key.ts";
import type { Roster } from "../ports/roster.ts";
import type { Claim } from "./claims.ts";
import type { PodState } from "./state.ts";
import type { ClaimRow, PodChange, PodStorage } from "./storage.ts";

/** Rows read at once where all are gone through: some megabytes of the 128 that an object has. */
const ROWS_AT_ONCE = 10;

/** A pod's storage in the SQLite of its Durable Object: nothing else reads or writes these tables. */
export class SqlPodStorage implements PodStorage {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#run(
      `CREATE TABLE IF NOT EXISTS pod (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
    );
    this.#run(
      `CREATE TABLE IF NOT EXISTS claims (first_seq INTEGER PRIMARY KEY, claims TEXT NOT NULL)`,
    );
    this.#run(
      `CREATE TABLE IF NOT EXISTS debits (lead_id TEXT, generation INTEGER, PRIMARY KEY (lead_id, generation)) WITHOUT ROWID`,
    );
  }

  readState(): PodState | null {
    return this.#read<PodState>("state");
  }

  readRoster(): Roster | null {
    return this.#read<Roster>("roster");
  }

  *rowsFrom(firstSeq: number): Generator<ClaimRow> {
    // The row that holds `firstSeq` may begin before it.
    let page = this.#page(
      `first_seq >= coalesce((SELECT max(first_seq) FROM claims WHERE first_seq <= ?1), ?1)`,
      firstSeq,
    );
    while (page.length > 0) {
      yield* page;
      page = this.#page(`first_seq > ?1`, page.at(-1)?.firstSeq ?? Infinity);
    }
  }

  rowOf(seq: number): ClaimRow | null {
    const [row] = this.#run<StoredRow>(
      `SELECT first_seq, claims FROM claims WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
      seq,
    ).map(parseRow);
    return row?.claims.some((claim) => claim.seq === seq) ? row : null;
  }

  wasDebited({ leadId, generation }: DecisionKey): boolean {
    const key = [leadId, generation];
    return (
      this.#run(`SELECT 1 FROM debits WHERE lead_id = ? AND generation = ?`, ...key).length > 0
    );
  }

  beginAside(): void {
    this.#run(`DROP TABLE IF EXISTS claims_aside`);
    this.#run(`CREATE TABLE claims_aside (first_seq INTEGER PRIMARY KEY, claims TEXT NOT NULL)`);
  }

  setAside(claims: readonly Claim[]): void {
    this.#run(
      `INSERT INTO claims_aside (first_seq, claims) SELECT value ->> 'seq', json_array(json(value)) FROM json_each(?)`,
      JSON.stringify(claims),
    );
  }

  write(change: PodChange): void {
    const { state, roster, replaced, rows = [], finished = [], debited = [], alarmAt } = change;
    this.#storage.transactionSync(() => {
      if (replaced) {
        this.#run(`DELETE FROM claims`);
        this.#run(
          `INSERT INTO claims (first_seq, claims) SELECT first_seq, claims FROM claims_aside`,
        );
        this.#run(`DROP TABLE claims_aside`);
      }
      if (state) this.#save("state", state);
      if (roster) this.#save("roster", roster);
      for (const { firstSeq, claims, text = JSON.stringify(claims) } of rows)
        this.#run(
          `INSERT INTO claims (first_seq, claims) VALUES (?, ?) ON CONFLICT (first_seq) DO UPDATE SET claims = excluded.claims`,
          firstSeq,
          text,
        );
      for (const firstSeq of finished)
        this.#run(`DELETE FROM claims WHERE first_seq = ?`, firstSeq);
      for (const { leadId, generation } of debited)
        this.#run(`INSERT INTO debits (lead_id, generation) VALUES (?, ?)`, leadId, generation);
    });
    // Not awaited: with no await in between it is part of the same atomic write.
    if (alarmAt !== undefined) void this.#storage.setAlarm(alarmAt);
  }

  #page(where: string, seq: number): ClaimRow[] {
    return this.#run<StoredRow>(
      `SELECT first_seq, claims FROM claims WHERE ${where} ORDER BY first_seq LIMIT ${ROWS_AT_ONCE}`,
      seq,
    ).map(parseRow);
  }

  #read<Value>(name: string): Value | null {
    const [row] = this.#run<{ value: string }>(`SELECT value FROM pod WHERE name = ?`, name);
    return row ? (JSON.parse(row.value) as Value) : null;
  }

  #save(name: string, value: unknown): void {
    this.#run(
      `INSERT INTO pod (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      name,
      JSON.stringify(value),
    );
  }

  #run<Row extends Record<string, SqlStorageValue>>(
    statement: string,
    ...values: readonly SqlStorageValue[]
  ): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

type StoredRow = { first_seq: number; claims: string };

function parseRow(row: StoredRow): ClaimRow {
  return { firstSeq: row.first_seq, claims: JSON.parse(row.claims) };
}
