import { query, rows, sql } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { columns, only, type StoredRow } from "../record/columns.ts";
import { members } from "../record/schema.ts";
import { activityOf, handOn, pushRosters } from "./roster.ts";
import {
  isoInstant,
  type Overtaken,
  putRow,
  readRow,
  type Removal,
  removeRow,
  type RosterTable,
  type Saved,
  type Seen,
} from "./table.ts";

/** A rep's settings in one pod. `joinedAt`, in milliseconds since the epoch, is the last tie-break of the pod's ledger. */
export type Member = Readonly<typeof members.$inferSelect>;
/** Weight is 1 to 1,000, the share of the pod's leads relative to the other members'; a cap of null = the pod's default. */
export type MemberValues = Pick<Member, "weight" | "dailyCap" | "openCap">;

export type MemberRefused =
  | { readonly outcome: "unknown_pod" }
  | { readonly outcome: "unknown_rep" }
  | { readonly outcome: "inactive_rep" };

export const MEMBERS: RosterTable<Member> = {
  subjectType: "member",
  added: "added",
  table: members,
  columns: only(members, "podId", "repId", "weight", "dailyCap", "openCap", "joinedAt"),
  key: ["podId", "repId"],
  kept: ["joinedAt"],
  detail: ({ weight, dailyCap, openCap, joinedAt }) => sql`json_object('weight', ${weight},
    'dailyCap', ${dailyCap}, 'openCap', ${openCap}, 'joinedAt', ${isoInstant(joinedAt)})`,
  needs: sql`CROSS JOIN reps ON reps.id = n.value ->> 'repId' AND reps.active = 1`,
};

/** The members of these pods, pod by pod in join order. */
export async function listMembers(db: D1Database, podIds: readonly string[]): Promise<Member[]> {
  return await rows(
    db,
    query<StoredRow<typeof members>>(sql`
      SELECT ${columns(members, "m")} FROM json_each(${JSON.stringify(podIds)}) p
      CROSS JOIN members m ON m.pod_id = p.value ORDER BY p.key, m.joined_at, m.rep_id`),
  );
}

/** A rep's settings in a pod; null when they are not a member. */
export function readMember(db: D1Database, podId: string, repId: string) {
  return readRow(db, MEMBERS, { podId, repId });
}

/**
 * Adds an active rep to a pod of the chain, or changes their settings there, if they are still as they were seen; then hands
 * the pod its roster.
 */
export async function putMember(
  deps: Deps,
  actor: string,
  podId: string,
  repId: string,
  { weight, dailyCap, openCap }: MemberValues,
  seen?: Seen<Member>,
): Promise<Saved<Member> | MemberRefused | Overtaken> {
  if (!deps.chain.pods.some((pod) => pod.id === podId)) return { outcome: "unknown_pod" };
  const member = { podId, repId, weight, dailyCap, openCap, joinedAt: deps.now() };
  const put = await putRow(deps, actor, MEMBERS, member, seen, activityOf(repId));
  const [rep] = put.also;
  if (rep === undefined) return { outcome: "unknown_rep" };
  if (!rep.active) return { outcome: "inactive_rep" };
  return await handOn(deps, put, [podId]);
}

/**
 * Takes a rep out of a pod, also out of one that left the chain, if they are still as they were seen; then hands the pod its
 * roster.
 */
export async function removeMember(
  deps: Deps,
  actor: string,
  podId: string,
  repId: string,
  seen?: Member,
): Promise<Removal | Overtaken> {
  const { outcome } = await removeRow(deps, actor, MEMBERS, { podId, repId }, seen);
  return outcome === "overtaken"
    ? { outcome }
    : { outcome, unconfirmed: await pushRosters(deps, [podId]) };
}
