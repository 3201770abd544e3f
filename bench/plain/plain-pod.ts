import { DurableObject } from "cloudflare:workers";
import { meterStorage } from "../meters/metered-storage.ts";

type MemberRow = { rep_id: string };

/** Whose turn it is, as it is mostly written: whoever was asked longest ago, and a claim a lead, so that a lead delivered twice gets the same rep. */
export class PlainPod extends DurableObject<object> {
  readonly #sql: SqlStorage;

  constructor(ctx: DurableObjectState, env: object) {
    meterStorage(ctx.storage);
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS members (rep_id TEXT PRIMARY KEY, last_assigned_at INTEGER NOT NULL)`,
    );
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS claims (lead_id TEXT PRIMARY KEY, rep_id TEXT NOT NULL, claimed_at INTEGER NOT NULL)`,
    );
  }

  addMember(repId: string): void {
    this.#sql.exec(`INSERT OR IGNORE INTO members (rep_id, last_assigned_at) VALUES (?, 0)`, repId);
  }

  /** The rep of this lead; null when the pod has no members. */
  pick(leadId: string, now: number): string | null {
    const [claimed] = this.#sql
      .exec<MemberRow>(`SELECT rep_id FROM claims WHERE lead_id = ?`, leadId)
      .toArray();
    if (claimed !== undefined) return claimed.rep_id;
    const [next] = this.#sql
      .exec<MemberRow>(`SELECT rep_id FROM members ORDER BY last_assigned_at, rep_id LIMIT 1`)
      .toArray();
    if (next === undefined) return null;
    this.#sql.exec(`UPDATE members SET last_assigned_at = ? WHERE rep_id = ?`, now, next.rep_id);
    this.#sql.exec(
      `INSERT INTO claims (lead_id, rep_id, claimed_at) VALUES (?, ?, ?)`,
      leadId,
      next.rep_id,
      now,
    );
    return next.rep_id;
  }
}
