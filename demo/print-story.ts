import { clipToWidth, fitToWidth, wrapToWidth, WIDTH } from "./columns.ts";
import { describeLead, type DecidedLead, type TrailStep } from "./lead-story.ts";
import { paint } from "./terminal.ts";

/** The lead whose decision has the most to tell: passed on most often, then drawn among the most candidates. */
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

/** One decision with its whole trail, as `GET /api/leads/:id` tells it. */
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
const INDENT = " ".repeat(22);

function renderStep({ rule, outcome, reason, ...draw }: TrailStep): string[] {
  const { mark, style } = STEP[outcome];
  const [first = "", ...more] = wrapToWidth(reason, WIDTH - INDENT.length);
  return [
    paint(style, `  ${mark} ${fitToWidth(rule, 16)}  ${first}`),
    ...more.map((line) => paint(style, INDENT + line)),
    ...(draw.candidates ?? []).map(({ repId, reason: why }) => {
      const line = `${INDENT}${fitToWidth(repId, 8)}${clipToWidth(why, 50)}`;
      return paint("dim", `${line}${describeTurn(repId, draw)}`);
    }),
  ];
}

function describeTurn(repId: string, { picked, runnerUp }: Pick<TrailStep, "picked" | "runnerUp">) {
  if (repId === picked) return "  ← picked";
  return repId === runnerUp ? "  ← next in line" : "";
}
