import { clipToWidth, WIDTH, wrapToWidth } from "./columns.ts";
import type { Refused } from "./follow-leads.ts";
import type { Plan } from "./plan.ts";
import { paint } from "./terminal.ts";

/** Rows or ids that are listed one by one. */
const LISTED = 20;
const INDENT = "       ";

/** The user's file, and how its columns were understood. */
export function renderFile({ path, columns }: NonNullable<Plan["file"]>, rows: number): string[] {
  const read = columns.map(({ header, field }) => {
    if (field === null) return `${header} → fields`;
    return header === field ? header : `${header} → ${field}`;
  });
  return [
    `${paint("bold", "file")}   ${clipToWidth(`${path}, ${rows} rows`, WIDTH - INDENT.length)}`,
    ...wrapToWidth(read.join(", "), WIDTH - INDENT.length).map((line) => INDENT + line),
    paint(
      "dim",
      `${INDENT}the sample team's daily caps are raised, so that any number of rows finds its reps`,
    ),
  ];
}

/** Rows the door did not take; they are no leads. */
export function renderRefused(refused: readonly Refused[]): string[] {
  if (refused.length === 0) return [];
  return [
    "",
    `${paint("bold", `Refused at the door: ${refused.length}`)}  ${paint("dim", "these rows are no leads, so there is nothing to decide")}`,
    ...renderList(refused.map(({ label, message }) => `${label}: ${message}`)),
  ];
}

/** Leads that were accepted and have no decision: what must never happen. */
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
