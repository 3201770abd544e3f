import type { ReplayReport } from "./report.ts";
import { deltaRows, tellOutcome, trailRows } from "./report-table.ts";
import { tellProof } from "./proof-words.ts";
import { count, leads, tellDifference, tellLimits } from "./report-words.ts";

/** The report for a terminal of this many columns. */
export function renderText(report: ReplayReport, width: number): string[] {
  const { difference, version, versions } = report;
  const changed = difference.elsewhere + difference.otherRule + difference.otherOwner > 0;
  const day = (at: number) => new Date(at).toISOString().slice(0, 16).replace("T", " ");
  return [
    `Replay of ${day(report.from)} to ${day(report.until)} UTC`,
    `Rules tried: ${version}. Rules that decided: ${versions.map((each) => `${each.version} (${leads(each.decisions)})`).join(", ") || "none"}.`,
    "",
    "Does the replay reproduce what happened?",
    ...tellProof(report).flatMap((line) => wrap(line, width)),
    "",
    "What would change?",
    ...wrap(tellDifference(difference), width),
    ...tellLimits(report).flatMap((line) => wrap(line, width)),
    ...(changed ? renderTables(report) : []),
    ...(changed ? renderExamples(report, width) : []),
  ].map(toPrintable);
}

/** A lead's source may be anybody's text: what a terminal would take for a command is left out. */
function toPrintable(line: string): string {
  return line.replace(/\p{Cc}+/gu, " ");
}

function renderTables({ difference }: ReplayReport): string[] {
  const { moves, pods, reps, rules, unassignedBefore, unassignedAfter } = difference;
  const nobody = { name: "nobody", before: unassignedBefore, after: unassignedAfter };
  const table = (title: string, rows: readonly string[][]) =>
    rows.length === 0 ? [] : ["", ...alignColumns([[title, "before", "after", "change"], ...rows])];
  return [
    ...(moves.length === 0
      ? []
      : [
          "",
          ...alignColumns([
            ["from", "leads", "to"],
            ...moves.map(({ from, leads: number, to }) => [from, count(number), to]),
          ]),
        ]),
    ...table("pod", deltaRows([...pods, nobody])),
    ...table("rep", deltaRows(reps)),
    ...table("rule", deltaRows(rules)),
  ];
}

function renderExamples({ difference }: ReplayReport, width: number): string[] {
  const { examples } = difference;
  const column = Math.max(30, Math.floor((width - 3) / 2));
  return [
    "",
    `${count(examples.length)} of them, before on the left and after on the right:`,
    ...examples.flatMap((example) => [
      "",
      `lead ${example.leadId}${example.generation > 1 ? `, generation ${example.generation}` : ""}: ${tellOutcome(example.before)}  ⇒  ${tellOutcome(example.after)}`,
      ...trailRows(example).flatMap(([one = "", two = ""]) =>
        sideBySide(wrap(one, column, 2), wrap(two, column, 2), column),
      ),
    ]),
  ];
}

function sideBySide(left: readonly string[], right: readonly string[], column: number): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    `${(left[at] ?? "").padEnd(column)} | ${right[at] ?? ""}`.trimEnd(),
  );
}

/** The first column to the left, numbers to the right. */
function alignColumns(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) =>
        /^[−+=]?[\d,]*$|^(before|after|change|leads)$/.test(cell)
          ? cell.padStart(widths[at] ?? 0)
          : cell.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Breaks a line between words; all but the first are indented by so many spaces. */
function wrap(line: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = " ".repeat(indent) + word;
    } else current = current === "" && lines.length === 0 ? word : `${current} ${word}`;
  }
  return [...lines, current];
}
