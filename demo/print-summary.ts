import type { Pod } from "../src/rules/pod.ts";
import { clipToWidth, fitToWidth, wrapToWidth, WIDTH } from "./columns.ts";
import { describeLead, type DecidedLead } from "./lead-story.ts";
import type { Plan } from "./plan.ts";
import { paint } from "./terminal.ts";

/** Columns of the longest bar. */
const BAR = 40;

/** Leads per pod and rep, each with the cap in force and the share of the pod's leads. */
export function renderShares(
  decided: readonly DecidedLead[],
  { reps, members, file }: Plan,
  pods: readonly Pod[],
): string[] {
  const assigned = decided.filter(({ decision }) => decision.outcome === "assigned");
  const ofAccounts = assigned.filter(({ decision }) => decision.podId === null);
  const owners = [...new Set(ofAccounts.map(({ decision }) => decision.ownerId ?? ""))].toSorted();
  const nameOf = new Map(reps.map(({ id, name }) => [id, name]));

  const groups = [
    {
      title: "owners of accounts",
      leads: ofAccounts,
      rows: owners.map((repId) => ({ repId, cap: null })),
    },
    ...pods.map(({ id, settings }) => ({
      title: id,
      leads: assigned.filter(({ decision }) => decision.podId === id),
      rows: members
        .filter(({ podId }) => podId === id)
        .map(({ repId, dailyCap }) => ({
          repId,
          // Raised for a file, the caps say nothing.
          cap: file === null ? (dailyCap ?? settings.dailyCap ?? null) : null,
        })),
    })),
  ];
  return [
    heading("Leads per pod and rep", "received, cap a day, share of the pod's leads"),
    ...groups.flatMap(({ title, leads, rows }) => [
      `  ${paint("cyan", fitToWidth(title, 25))}${paint("bold", fitToWidth(String(leads.length), 5, "right"))}`,
      ...rows.map(({ repId, cap }) => {
        const received = leads.filter(({ decision }) => decision.ownerId === repId).length;
        return renderShare(nameOf.get(repId) ?? repId, repId, received, cap, leads.length);
      }),
    ]),
  ];
}

function renderShare(
  name: string,
  repId: string,
  received: number,
  cap: number | null,
  total: number,
): string {
  const share = total === 0 ? 0 : received / total;
  const ofCap = cap === null ? "" : `of ${cap}`;
  const full = cap !== null && received >= cap;
  const bar = "█".repeat(Math.round(share * BAR));
  return [
    `    ${fitToWidth(repId, 7)}${fitToWidth(name, 16)}${fitToWidth(String(received), 3, "right")}`,
    paint(full ? "yellow" : "dim", fitToWidth(ofCap, 6)),
    fitToWidth(`${Math.round(share * 100)} %`, 5, "right"),
    ` ${paint(full ? "yellow" : "green", bar)}`,
  ].join(" ");
}

/** Leads that found no rep, those of one reason together. */
export function renderUnassigned(decided: readonly DecidedLead[]): string[] {
  const unassigned = decided.filter(({ decision }) => decision.outcome === "unassigned");
  if (unassigned.length === 0) return [paint("bold", "Unassigned: none")];
  const byReason = Map.groupBy(unassigned, ({ decision }) => decision.reason);
  return [
    heading(
      `Unassigned: ${unassigned.length}`,
      "ops is told, and they wait in GET /api/unassigned",
    ),
    ...[...byReason].flatMap(([reason, leads]) => [
      ...wrapToWidth(reason, WIDTH - 2).map((line) => `  ${paint("yellow", line)}`),
      ...wrapToWidth(leads.map(({ lead }) => describeLead(lead)).join("  ·  "), WIDTH - 4).map(
        (line) => `    ${line}`,
      ),
    ]),
  ];
}

/** Time from the door to the committed decision. */
export function renderTimes(decided: readonly DecidedLead[]): string[] {
  const times = decided.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  if (times.length === 0) return [];
  const [p50, p95, max] = [0.5, 0.95, 1].map((part) => findPercentile(times, part));
  return [
    heading("Time to assignment", "received to committed decision"),
    `  p50 ${paint("bold", `${p50} ms`)}   p95 ${paint("bold", `${p95} ms`)}   longest ${max} ms`,
    paint("dim", "  on this machine, where a queue waits up to 1 s for a batch to fill"),
  ];
}

/** Nearest rank: the smallest of the sorted values that at least this part of them does not exceed. */
export function findPercentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

function heading(title: string, note: string): string {
  return `${paint("bold", title)}  ${paint("dim", clipToWidth(note, WIDTH - title.length - 2))}`;
}
