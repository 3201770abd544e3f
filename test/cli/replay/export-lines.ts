import { unpackTrail } from "../../../src/record/stored-trail.ts";
import { EXPORT_FORMAT, RecordIndex } from "../../../src/cli/replay/read-export.ts";
import type { JsonRecord } from "../../../src/lib/json.ts";
import type { ReplayRecord } from "../../../src/cli/replay/record.ts";
import type { SqliteD1 } from "../../record/sqlite-d1.ts";

/** What `npm run rules -- export` writes, straight from the tables. */
export function exportLines(db: SqliteD1, from: number, until: number): JsonRecord[] {
  const select = (sql: string): JsonRecord[] =>
    db.sqlite
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  const iso = (value: unknown) => new Date(Number(value)).toISOString();
  const json = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : null);
  return [
    {
      type: "meta",
      format: EXPORT_FORMAT,
      from: iso(from),
      until: iso(until),
      fields: null,
      source: "a test",
    },
    ...select("SELECT id, time_zone, working_hours, daily_cap, active FROM reps").map((row) => ({
      type: "rep",
      id: row["id"],
      timeZone: row["time_zone"],
      workingHours: json(row["working_hours"]),
      dailyCap: row["daily_cap"],
      active: row["active"] === 1,
    })),
    ...select(
      "SELECT pod_id AS podId, rep_id AS repId, weight, daily_cap AS dailyCap, open_cap AS openCap, joined_at AS joinedAt FROM members",
    ).map((row) => ({ type: "member", ...row, joinedAt: iso(row["joinedAt"]) })),
    ...select("SELECT rep_id AS repId, id, from_at, until_at FROM absences").map((row) => ({
      type: "absence",
      repId: row["repId"],
      id: row["id"],
      from: iso(row["from_at"]),
      until: iso(row["until_at"]),
    })),
    ...select("SELECT domain, name, owner_id AS ownerId FROM accounts").map((row) => ({
      type: "account",
      ...row,
    })),
    ...select(
      `SELECT id, received_at AS receivedAt, company, company_domain AS companyDomain, country_code AS countryCode,
         region, source, score, fields, erased_at AS erasedAt FROM leads`,
    ).map((row) => ({
      type: "lead",
      ...row,
      receivedAt: iso(row["receivedAt"]),
      fields: json(row["fields"]),
    })),
    ...select(
      `SELECT lead_id AS leadId, generation, outcome, rule, pod_id AS podId, owner_id AS ownerId, claim_seq AS claimSeq,
         trail, chain_version AS chainVersion, decided_at, committed_at FROM decisions ORDER BY commit_no`,
    ).map(({ decided_at, committed_at, trail, ...row }) => ({
      type: "decision",
      ...row,
      trail: unpackTrail(String(trail)),
      decidedAt: iso(decided_at),
      committedAt: iso(committed_at),
    })),
    ...select(
      `SELECT subject_type AS subjectType, subject_id AS subjectId, generation, kind,
         occurred_at, detail FROM events ORDER BY commit_no, id`,
    ).map(({ occurred_at, detail, ...row }) => ({
      type: "event",
      ...row,
      occurredAt: iso(occurred_at),
      detail: json(detail),
    })),
  ];
}

/** The record that these lines make, read as from a file: each line goes through JSON. */
export function recordOf(lines: readonly JsonRecord[]): ReplayRecord {
  const texts = lines.map((line) => JSON.stringify(line));
  const parse = (place: number): JsonRecord => JSON.parse(texts[place] ?? "null") as JsonRecord;
  const index = new RecordIndex(parse);
  for (const place of texts.keys()) index.add(parse(place), place);
  return index.finish().record;
}
