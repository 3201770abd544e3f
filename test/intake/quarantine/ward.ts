import type { Deps } from "../../../src/ports/deps.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import { pinnedChain } from "../../rules/pinned-chain.ts";
import { DRAFT, fakeDeps, NOW, type FakeDeps } from "../api/fakes.ts";
import { openD1, type SqliteD1 } from "../../record/sqlite-d1.ts";

/** Milliseconds of a day. */
export const DAY = 24 * 60 * 60_000;

/** An empty quarantine with a clock that the test moves, and ids that tell the instant they were made at. */
export class Ward {
  readonly db: SqliteD1 = openD1();
  readonly fake: FakeDeps;
  now = NOW;

  constructor(overrides: Partial<Deps> = {}) {
    let ids = 0;
    this.fake = fakeDeps(this.db, {
      chain: pinnedChain(),
      now: () => this.now,
      newId: () => smallestLeadId(this.now).replace(/0{12}$/, String(++ids).padStart(12, "0")),
      ...overrides,
    });
  }

  get deps(): Deps {
    return this.fake.deps;
  }

  /** Quarantines a submission and yields its id. */
  async take(
    changes: Partial<LeadDraft> = {},
    { key = null, door = "form:contact", reason = "honeypot:_gotcha", deps = this.deps }: Take = {},
  ): Promise<string> {
    const draft = { ...DRAFT, ...changes };
    const accepted = await acceptLead(deps, {
      draft,
      door,
      idempotencyKey: key,
      quarantineFor: reason,
    });
    if (accepted.outcome !== "received") throw new Error(`the door said ${accepted.outcome}`);
    return accepted.leadId;
  }

  select(sql: string): Record<string, unknown>[] {
    return this.db.sqlite
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  }

  /** Everything that every table holds, as one text. */
  dump(): string {
    const tables = this.select("SELECT name FROM sqlite_schema WHERE type = 'table'");
    return tables
      .map(({ name }) => JSON.stringify(this.select(`SELECT * FROM ${name}`)))
      .join("\n");
  }

  ids(table: "leads" | "quarantine"): unknown[] {
    return this.select(`SELECT id FROM ${table} ORDER BY id`).map(({ id }) => id);
  }
}

interface Take {
  readonly key?: string | null;
  readonly door?: string;
  readonly reason?: string;
  readonly deps?: Deps;
}
