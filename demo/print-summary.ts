import type { Pod } from "../src/rules/pod.ts";
import type { Consistency, DecidedLead } from "./api-client.ts";
import type { Refused } from "./follow-leads.ts";
import { UsageError, type Plan } from "./plan.ts";
import { describeLead } from "./print-leads.ts";
import type { RunningRouter } from "./router.ts";
import { clipToWidth, fitToWidth, paint, toPrintable, WIDTH, wrapToWidth } from "./terminal.ts";

// What the demo prints after the last lead, or when it fails.

/** Width of the longest bar, in columns. */
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
          // With a file the caps are raised, so they mean nothing.
          cap: file === null ? (dailyCap ?? settings.dailyCap ?? null) : null,
        })),
    })),
  ];
  return [
    heading("Leads per pod and rep", "received, daily cap, share of the pod's leads"),
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

/** Leads that found no rep, grouped by reason. */
export function renderUnassigned(decided: readonly DecidedLead[]): string[] {
  const unassigned = decided.filter(({ decision }) => decision.outcome === "unassigned");
  if (unassigned.length === 0) return [paint("bold", "Unassigned: none")];
  const byReason = Map.groupBy(unassigned, ({ decision }) => decision.reason);
  return [
    heading(`Unassigned: ${unassigned.length}`, "ops is notified; GET /api/unassigned lists them"),
    ...[...byReason].flatMap(([reason, leads]) => [
      ...wrapToWidth(reason, WIDTH - 2).map((line) => `  ${paint("yellow", line)}`),
      ...wrapToWidth(leads.map(({ lead }) => describeLead(lead)).join("  ·  "), WIDTH - 4).map(
        (line) => `    ${line}`,
      ),
    ]),
  ];
}

/** Time from receipt to the committed decision. */
export function renderTimes(decided: readonly DecidedLead[]): string[] {
  const times = decided.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  if (times.length === 0) return [];
  const [p50, p95, max] = [0.5, 0.95, 1].map((part) => findPercentile(times, part));
  return [
    heading("Time to assignment", "from receipt to committed decision"),
    `  p50 ${paint("bold", `${p50} ms`)}   p95 ${paint("bold", `${p95} ms`)}   longest ${max} ms`,
    paint("dim", "  on this machine, where a queue waits up to 1 s for a batch to fill"),
  ];
}

/** Nearest rank: the smallest value such that at least this share of the values is no larger. */
export function findPercentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

function heading(title: string, note: string): string {
  return `${paint("bold", title)}  ${paint("dim", clipToWidth(note, WIDTH - title.length - 2))}`;
}

/** How many rows or ids are listed. */
const LISTED = 20;

/** Rows that the router refused. They did not become leads. */
export function renderRefused(refused: readonly Refused[]): string[] {
  if (refused.length === 0) return [];
  return [
    "",
    `${paint("bold", `Refused: ${refused.length}`)}  ${paint("dim", "these rows did not become leads, so there is nothing to route")}`,
    ...renderList(refused.map(({ label, message }) => `${label}: ${message}`)),
  ];
}

/** Leads that were accepted but not decided. This must never happen. */
export function renderUndecided(leadIds: readonly string[]): string[] {
  if (leadIds.length === 0) return [];
  return [
    "",
    paint(["bold", "red"], `Without a decision: ${leadIds.length}`),
    ...renderList(leadIds),
  ];
}

function renderList(items: readonly string[]): string[] {
  const more = items.length - LISTED;
  return [
    ...items.slice(0, LISTED).map((item) => `  ${clipToWidth(item, WIDTH - 2)}`),
    ...(more > 0 ? [paint("dim", `  and ${more} more`)] : []),
  ];
}

/** The final counts of the database and of Slack. */
export function renderConsistency(
  { leads, assigned, unassigned, undecided }: Consistency,
  complete: boolean,
  announced: { readonly messages: number; readonly leads: number },
): string[] {
  return [
    paint(
      ["bold", complete ? "green" : "red"],
      complete ? "✓ Every lead was decided" : "✗ Not every lead was decided",
    ),
    `  D1     ${leads} leads = ${assigned} assigned + ${unassigned} unassigned + ${undecided} undecided`,
    `  Slack  ${announced.leads} leads announced in ${announced.messages} messages`,
  ];
}

/** Commands to try while the router runs. `leadId` is a lead that is decided. */
export function renderServing({ url, token }: RunningRouter, leadId: string): string[] {
  const auth = `-H 'Authorization: Bearer ${token}'`;
  return [
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "Running at")} ${paint(["bold", "cyan"], url)}   ${paint("bold", "token")} ${token}`,
    paint("dim", "until you press Ctrl-C; Slack messages keep appearing below"),
    "",
    paint("dim", "# post a lead, as a form would"),
    `curl -s ${url}/leads -d name='Anna Huber' -d email=anna@falkenhof.example -d country=Austria`,
    "",
    paint("dim", "# ask why a lead went to its rep"),
    `curl -s ${url}/api/leads/${leadId} ${auth}`,
    "",
    paint("dim", "# list the leads that found no rep"),
    `curl -s ${url}/api/unassigned ${auth}`,
    "",
  ];
}

export function renderNextSteps(): string[] {
  return [
    paint("dim", "─".repeat(WIDTH)),
    `${paint("bold", "Next")}   npm run demo -- --serve      keeps running, with commands to try`,
    "       npm run demo -- leads.csv    routes your own leads",
    "       rules.ts                     decides who gets which lead: change it and run the demo again",
    "       README.md                    how it works, and how to deploy it",
    "",
  ];
}

/** One message for any failure, with what to do about it. */
export function renderFailure(error: unknown, logs: readonly string[]): string[] {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return ["", paint("red", message), ""];
  return [
    "",
    paint(["bold", "red"], "The demo failed."),
    ...message.split("\n").map((line) => `  ${line}`),
    "",
    ...renderLogs(logs),
    "What to do: `npm ci` reinstalls every package, `npm run check` finds mistakes in rules.ts and src.",
    "If both are fine, please open an issue with this output.",
    "",
  ];
}

/** The Worker's last log messages, one line each. */
export function renderLogs(logs: readonly string[]): string[] {
  if (logs.length === 0) return [];
  const lines = logs.map((line) => `  ${toPrintable(line)}`);
  return ["The last log lines of the Worker:", ...lines, ""];
}
