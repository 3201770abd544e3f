import type { Pod } from "../src/rules/pod.ts";
import { clipToWidth, fitToWidth, WIDTH } from "./columns.ts";
import type { Plan } from "./plan.ts";
import { ACCOUNTS } from "./sample-accounts.ts";
import type { SampleMember, SampleRep } from "./sample-team.ts";
import { endOfLeave } from "./set-up-team.ts";
import { paint } from "./terminal.ts";

const INDENT = "       ";
const COLUMNS = { rep: 5, name: 12, timeZone: 19, time: 5 };
const GAP = "  ";

/** One line a rep: who, where and what time it is there, in which pods, and what keeps leads from them. */
export function renderTeam(
  { reps, members, file }: Plan,
  pods: readonly Pod[],
  now: number,
): string[] {
  return [
    `${paint("bold", "team")}   ${reps.length} reps in ${pods.length} pods, ${ACCOUNTS.length} accounts`,
    "",
    ...reps.map((rep) => {
      const own = members.filter(({ repId }) => repId === rep.id);
      // Raised for a file, the caps say nothing.
      const inPods =
        file === null ? own.map((member) => describeMember(member, pods)) : podIds(own);
      const columns = [
        fitToWidth(rep.id, COLUMNS.rep),
        fitToWidth(rep.name, COLUMNS.name),
        fitToWidth(rep.timeZone, COLUMNS.timeZone),
        fitToWidth(localTimeOf(rep.timeZone, now), COLUMNS.time),
      ].join(GAP);
      const limit = describeLimit(rep, now, file === null);
      const room = WIDTH - INDENT.length - columns.length - limit.length - 2 * GAP.length;
      const line = `${INDENT}${columns}${GAP}${clipToWidth(inPods.join(", "), room)}`;
      return limit === "" ? line : `${line}${GAP}${paint("yellow", limit)}`;
    }),
  ];
}

function localTimeOf(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "short" }).format(now);
}

function podIds(members: readonly SampleMember[]): string[] {
  return members.map(({ podId }) => podId);
}

function describeMember({ podId, dailyCap, weight }: SampleMember, pods: readonly Pod[]): string {
  const cap = dailyCap ?? pods.find(({ id }) => id === podId)?.settings.dailyCap;
  const terms = [
    ...(cap === undefined ? [] : [`${cap} a day`]),
    ...(weight === undefined ? [] : [`${weight} shares`]),
  ];
  return terms.length === 0 ? podId : `${podId} (${terms.join(", ")})`;
}

function describeLimit(
  { dailyCap, leave, timeZone }: SampleRep,
  now: number,
  caps: boolean,
): string {
  if (leave !== undefined) {
    const day = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
    return `on leave until ${day.format(endOfLeave(leave, now))}`;
  }
  return dailyCap !== undefined && caps ? `${dailyCap} a day over everything` : "";
}
