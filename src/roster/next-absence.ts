import { query, sql, type Query } from "../lib/query.ts";
import type { Absence } from "./absences.ts";

/** The rep's absence of now, or else the next one to come: one row, or none. */
export function nextAbsence(
  repId: string,
  now: number,
): Query<Pick<Absence, "id" | "from" | "until">> {
  return query(sql`
    SELECT id, from_at AS "from", until_at AS "until" FROM absences
    WHERE rep_id = ${repId} AND until_at > ${now} ORDER BY from_at, until_at LIMIT 1`);
}
