import type { Chain } from "../src/rules/chain.ts";
import type { Pod } from "../src/rules/pod.ts";
import type { Plan } from "./plan.ts";
import { ACCOUNTS, endOfLeave, type SampleMember, type SampleRep } from "./sample-team.ts";
import { clipToWidth, fitToWidth, paint, WIDTH, wrapToWidth } from "./terminal.ts";

// What the demo prints before the first lead.

const INDENT = "       ";

/** What this is, and what runs where. */
export function renderHeader(): string[] {
  return [
    "",
    `${paint(["bold", "cyan"], "lead-router")}  routes each lead to the right rep, exactly once, and can say why`,
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "here")}   the Worker on workerd, with D1, queues and a Durable Object per pod; a mock Slack;`,
    `${INDENT}a fresh database, deleted at the end; nothing leaves this machine`,
  ];
}

/** The rules in the order they are tried, each with its pod. */
export function renderRules({ rules, version }: Chain): string[] {
  const names = rules.map(({ name, pod }) => (pod === null ? name : `${name} → ${pod.id}`));
  const [first = "", ...more] = wrapToWidth(names.join("  ›  "), WIDTH - INDENT.length);
  return [
    `${paint("bold", "rules")}  ${first}`,
    ...more.map((line) => INDENT + line),
    paint("dim", `${INDENT}rules.ts, version ${version}: the first rule that finds a rep wins`),
  ];
}

const COLUMNS = { rep: 5, name: 12, timeZone: 19, time: 5 };
const GAP = "  ";

/** One line per rep: name, time zone, local time, pods, and what limits their leads. */
export function renderTeam(
  { reps, members, file }: Plan,
  pods: readonly Pod[],
  now: number,
): string[] {
  // With a file the caps are raised, so they mean nothing.
  const showCaps = file === null;
  return [
    `${paint("bold", "team")}   ${reps.length} reps in ${pods.length} pods, ${ACCOUNTS.length} accounts`,
    "",
    ...reps.map((rep) => {
      const memberships = members.filter(({ repId }) => repId === rep.id);
      const inPods = memberships.map((member) =>
        showCaps ? describeMember(member, pods) : member.podId,
      );
      const columns = [
        fitToWidth(rep.id, COLUMNS.rep),
        fitToWidth(rep.name, COLUMNS.name),
        fitToWidth(rep.timeZone, COLUMNS.timeZone),
        fitToWidth(localTimeOf(rep.timeZone, now), COLUMNS.time),
      ].join(GAP);
      const limit = describeLimit(rep, now, showCaps);
      const room = WIDTH - INDENT.length - columns.length - limit.length - 2 * GAP.length;
      const line = `${INDENT}${columns}${GAP}${clipToWidth(inPods.join(", "), room)}`;
      return limit === "" ? line : `${line}${GAP}${paint("yellow", limit)}`;
    }),
  ];
}

function localTimeOf(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "short" }).format(now);
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
  showCaps: boolean,
): string {
  if (leave !== undefined) {
    const day = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
    return `on leave until ${day.format(endOfLeave(leave, now))}`;
  }
  return dailyCap !== undefined && showCaps ? `${dailyCap} a day in total` : "";
}

/** The user's file, and which field each of its columns became. */
export function renderFile({ path, columns }: NonNullable<Plan["file"]>, rows: number): string[] {
  const fields = columns.map(({ header, field }) => {
    if (field === null) return `${header} → fields`;
    return header === field ? header : `${header} → ${field}`;
  });
  return [
    `${paint("bold", "file")}   ${clipToWidth(`${path}, ${rows} rows`, WIDTH - INDENT.length)}`,
    ...wrapToWidth(fields.join(", "), WIDTH - INDENT.length).map((line) => INDENT + line),
    paint(
      "dim",
      `${INDENT}the sample team's daily caps are raised, so that every row can find a rep`,
    ),
  ];
}
