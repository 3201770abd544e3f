import { z } from "zod";
import { isFull, type OwnDay, ownDayOf } from "../../../record/decisions.ts";
import type { Deps } from "../../../ports/deps.ts";
import { shareOf } from "../../../pod/index.ts";
import type { PodSnapshot } from "../../../ports/pod.ts";
import {
  localDay,
  localTime,
  nextAbsence,
  podsOfRep,
  type Rep,
  startOfNextDay,
} from "../../../roster/index.ts";
import { transaction } from "../../../lib/query.ts";
import { candidateFields } from "../leads/lead-shapes.ts";
import { askPod, ledgerFields } from "./pods.ts";
import { isoInstant } from "../present.ts";
import { absenceShape } from "./rep-shapes.ts";
import { isoText } from "../shapes.ts";

const podToday = z.union([
  z
    .strictObject(candidateFields)
    .omit({ repId: true, balance: true, balanceAfter: true })
    .extend({
      podId: z.string(),
      next: z.boolean().meta({ description: "Whether the next lead of this pod goes to them." }),
      ...ledgerFields,
    }),
  z.strictObject({
    podId: z.string(),
    error: z.enum(["unreachable", "behind"]).meta({
      description: "`behind`: the pod answers but does not know yet that the rep is in it.",
    }),
  }),
]);

/** A rep's current day. */
export const todayShape = z
  .strictObject({
    at: isoText,
    date: z.iso.date().meta({ description: "The rep's own calendar day." }),
    count: z.int().meta({
      description: "Leads of that day over all pods, account matches and hand assignments.",
    }),
    cap: z.int().nullable().meta({ description: "The rep's own cap on them; null = none." }),
    absence: absenceShape
      .pick({ id: true, from: true, until: true })
      .nullable()
      .meta({ description: "The one of now, or else the next one; null = none to come." }),
    pods: z.array(podToday).readonly().meta({ description: "Every pod the rep is a member of." }),
  })
  .meta({ id: "RepToday", description: "The rep's day so far and current state in every pod." });

type PodToday = z.infer<typeof podToday>;

/** The rep's day so far, asking each of their pods once. Never rejects for a pod that does not answer. */
export async function readToday(deps: Deps, rep: Rep): Promise<z.infer<typeof todayShape>> {
  const now = deps.now();
  const date = localDay(rep.timeZone, now);
  const [[own], [absence], members] = await transaction(deps.db, [
    ownDayOf(rep.id, date),
    nextAbsence(rep.id, now),
    podsOfRep(rep.id),
  ]);
  const day = own ?? { count: 0, cap: rep.dailyCap };
  const pods = await Promise.all(members.map(({ podId }) => readPod(deps, podId, rep, day, now)));
  return {
    at: isoInstant(now),
    date,
    ...day,
    absence: absence
      ? { ...absence, from: isoInstant(absence.from), until: isoInstant(absence.until) }
      : null,
    pods,
  };
}

async function readPod(
  deps: Deps,
  podId: string,
  rep: Rep,
  day: OwnDay,
  now: number,
): Promise<PodToday> {
  const snapshot = await askPod(deps, podId);
  if (snapshot === null) return { podId, error: "unreachable" };
  const line = snapshot.members.find(({ repId }) => repId === rep.id);
  if (line === undefined) return { podId, error: "behind" };
  const { count, cap, weight, open, openCap } = line;
  const may = judge(line, snapshot, rep, day, now);
  return { podId, ...may, count, cap, weight, open, openCap, ...shareOf(line) };
}

/** Whether the rep may be picked. A pod learns of the rep's own cap only when D1 refuses them, which it would here. */
function judge(
  line: PodSnapshot["members"][number],
  snapshot: PodSnapshot,
  { id, timeZone }: Rep,
  day: OwnDay,
  now: number,
) {
  const { eligibility, reason, until } = line;
  if (eligibility !== "eligible" || !isFull(day))
    return {
      next: snapshot.next === id,
      eligibility,
      reason,
      until: until === null ? null : isoInstant(until),
    };
  const tomorrow = startOfNextDay(timeZone, now);
  const full = `has reached their own cap of ${day.cap} leads a day`;
  return {
    next: false,
    eligibility: "at_own_daily_cap" as const,
    // A cap of 0 holds tomorrow as well.
    reason: day.cap === 0 ? full : `${full}, until ${localTime(timeZone, tomorrow)}`,
    until: day.cap === 0 ? null : isoInstant(tomorrow),
  };
}
