import type { DecidedLead, LeadStory, TrailStep } from "./api-client.ts";
import { clipToWidth, fitToWidth, paint, WIDTH, wrapToWidth } from "./terminal.ts";

// A decision in one line, and one with its whole trail.

// With the arrows and gaps between them, these add up to WIDTH.
const COLUMNS = { lead: 26, rule: 15, pod: 10, rep: 6, reason: 26, milliseconds: 5 };
const NOTE_INDENT = "    ";

export function renderLeadHeading(): string[] {
  const { lead, rule, pod, rep, reason, milliseconds } = COLUMNS;
  const line = [
    fitToWidth("lead", lead),
    fitToWidth("rule", rule),
    fitToWidth("pod", pod),
    `${fitToWidth("rep", rep)}  ${fitToWidth("reason", reason)} ${fitToWidth("ms", milliseconds, "right")}`,
  ].join("   ");
  return [paint("bold", line), paint("dim", "─".repeat(WIDTH))];
}

/** lead → rule → pod → rep → reason → milliseconds; below it, the rules that matched but had no rep. */
export function renderDecidedLead({ lead, decision, milliseconds }: DecidedLead): string[] {
  const matched = decision.trail.findLast(({ outcome }) => outcome === "matched");
  const assigned = decision.outcome === "assigned";
  const arrow = paint("dim", " → ");
  const path = [
    fitToWidth(describeLead(lead), COLUMNS.lead),
    paint("cyan", fitToWidth(decision.rule ?? "-", COLUMNS.rule)),
    paint("cyan", fitToWidth(decision.podId ?? (assigned ? "its owner" : "-"), COLUMNS.pod)),
    paint(
      ["bold", assigned ? "green" : "red"],
      fitToWidth(decision.ownerId ?? "nobody", COLUMNS.rep),
    ),
  ].join(arrow);
  const reason = assigned ? (matched?.reason ?? "") : "unassigned";
  const duration = paint("dim", fitToWidth(String(milliseconds), COLUMNS.milliseconds, "right"));
  const line = `${path}  ${fitToWidth(reason, COLUMNS.reason)} ${duration}`;
  return [
    line,
    ...(assigned ? renderPassedOn(decision.trail) : renderNote("red", decision.reason)),
  ];
}

/** Where the lead was passed on before it found its rep. */
function renderPassedOn(trail: readonly TrailStep[]): string[] {
  return trail
    .filter(({ outcome }) => outcome === "no_eligible_rep")
    .flatMap(({ rule, reason }) => renderNote("yellow", `passed on by ${rule}: ${reason}`));
}

function renderNote(color: "yellow" | "red", text: string): string[] {
  const lines = wrapToWidth(text, WIDTH - NOTE_INDENT.length);
  return lines.map((line) => paint(color, NOTE_INDENT + line));
}

/** The lead in a list: "Mia Keller, Alpenblick Reisen". */
export function describeLead({ name, email, phone, company, companyDomain }: LeadStory["lead"]) {
  const person = name ?? email ?? phone ?? "someone";
  const from = company ?? companyDomain;
  return from === null ? person : `${person}, ${from}`;
}

/** The lead with the most instructive decision: passed on most often, then with the most candidates. */
export function pickStory(decided: readonly DecidedLead[]): DecidedLead | undefined {
  return decided
    .filter(({ decision }) => decision.outcome === "assigned")
    .toSorted((a, b) => weigh(b) - weigh(a))[0];
}

function weigh({ decision }: DecidedLead): number {
  const passedOn = decision.trail.filter(({ outcome }) => outcome === "no_eligible_rep").length;
  const candidates = decision.trail.flatMap((step) => step.candidates ?? []).length;
  return passedOn * 100 + candidates;
}

/** One decision with its whole trail, as `GET /api/leads/:id` answers it. */
export function renderStory({ lead, decision }: DecidedLead): string[] {
  return [
    `${paint("bold", "Why did this lead go to")} ${paint(["bold", "green"], decision.ownerId ?? "nobody")}${paint("bold", "?")}  ${describeLead(lead)}`,
    paint("dim", `GET /api/leads/${lead.id}`),
    "",
    ...wrapToWidth(decision.reason, WIDTH - 2).map((line) => `  ${line}`),
    "",
    ...decision.trail.flatMap(renderStep),
  ];
}

const STEP = {
  matched: { mark: "✓", style: "green" },
  no_match: { mark: "·", style: "dim" },
  no_eligible_rep: { mark: "✗", style: "yellow" },
} as const;
const STEP_INDENT = " ".repeat(22);

function renderStep({ rule, outcome, reason, ...draw }: TrailStep): string[] {
  const { mark, style } = STEP[outcome];
  const [first = "", ...more] = wrapToWidth(reason, WIDTH - STEP_INDENT.length);
  return [
    paint(style, `  ${mark} ${fitToWidth(rule, 16)}  ${first}`),
    ...more.map((line) => paint(style, STEP_INDENT + line)),
    ...(draw.candidates ?? []).map(({ repId, reason: why }) => {
      const line = `${STEP_INDENT}${fitToWidth(repId, 8)}${clipToWidth(why, 50)}`;
      return paint("dim", `${line}${describeTurn(repId, draw)}`);
    }),
  ];
}

function describeTurn(repId: string, { picked, runnerUp }: Pick<TrailStep, "picked" | "runnerUp">) {
  if (repId === picked) return "  ← picked";
  return repId === runnerUp ? "  ← next in line" : "";
}
