import { and, eq, gt } from "drizzle-orm";
import { builder, built, type Query, sql } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { only } from "../record/columns.ts";
import { absences } from "../record/schema.ts";
import { handOn, podsOfRep, pushRosters } from "./roster.ts";
import {
  isoInstant,
  listRows,
  type Overtaken,
  putRow,
  readRow,
  type Removal,
  removeRow,
  type RosterTable,
  type Saved,
} from "./table.ts";

/** `from` inclusive, `until` exclusive and after it, in milliseconds since the epoch. */
export type Absence = Readonly<typeof absences.$inferSelect>;
type AbsenceValues = Omit<Absence, "id" | "repId">;

const ABSENCES: RosterTable<Absence> = {
  subjectType: "absence",
  added: "added",
  table: absences,
  columns: only(absences, "id", "repId", "from", "until", "note"),
  key: ["repId", "id"],
  personal: ["note"],
  detail: ({ from, until }) =>
    sql`json_object('from', ${isoInstant(from)}, 'until', ${isoInstant(until)})`,
  needs: sql`CROSS JOIN reps ON reps.id = n.value ->> 'repId'`,
};

export function readAbsence(db: D1Database, repId: string, id: string) {
  return readRow(db, ABSENCES, { repId, id });
}

/** Up to `limit` absences of the rep whose ids come after `after`, by id; past ones too. */
export function listAbsences(db: D1Database, repId: string, after: string, limit: number) {
  return listRows(db, ABSENCES, after, limit, { repId });
}

/** The rep's absence of now, or else the next one to come: one row, or none. */
export function nextAbsence(
  repId: string,
  now: number,
): Query<Pick<Absence, "id" | "from" | "until">> {
  return built(
    builder
      .select(only(absences, "id", "from", "until"))
      .from(absences)
      .where(and(eq(absences.repId, repId), gt(absences.until, now)))
      .orderBy(absences.from, absences.until)
      .limit(1),
  );
}

/** Adds or replaces an absence, then hands the change to the rep's pods. */
export async function putAbsence(
  deps: Deps,
  actor: string,
  repId: string,
  id: string,
  values: AbsenceValues,
): Promise<Saved<Absence> | Overtaken | { readonly outcome: "unknown_rep" }> {
  const absence = { ...values, repId, id };
  const put = await putRow(deps, actor, ABSENCES, absence, undefined, podsOfRep(repId));
  if (put.found === null) return { outcome: "unknown_rep" };
  return await handOn(
    deps,
    put,
    put.also.map(({ podId }) => podId),
  );
}

/** Removes an absence, then hands the change to the rep's pods. */
export async function removeAbsence(
  deps: Deps,
  actor: string,
  repId: string,
  id: string,
): Promise<Removal | Overtaken> {
  const { outcome, also } = await removeRow(deps, actor, ABSENCES, { repId, id }, undefined, [
    podsOfRep(repId),
  ]);
  if (outcome === "overtaken") return { outcome };
  return {
    outcome,
    unconfirmed: await pushRosters(
      deps,
      also.map(({ podId }) => podId),
    ),
  };
}
