import { fitToWidth, wrapToWidth, WIDTH } from "./columns.ts";
import { describeLead, type DecidedLead, type TrailStep } from "./lead-story.ts";
import { paint } from "./terminal.ts";

// With the arrows and gaps between them, these add up to WIDTH.
const COLUMNS = { lead: 26, rule: 15, pod: 10, rep: 6, reason: 26, milliseconds: 5 };
const INDENT = "    ";

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

/** lead → rule → pod → rep → reason → milliseconds; below it, what stood in the way. */
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
  const took = paint("dim", fitToWidth(String(milliseconds), COLUMNS.milliseconds, "right"));
  const line = `${path}  ${fitToWidth(reason, COLUMNS.reason)} ${took}`;
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
  return wrapToWidth(text, WIDTH - INDENT.length).map((line) => paint(color, INDENT + line));
}
