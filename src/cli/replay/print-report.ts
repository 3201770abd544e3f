import { wrapText } from "../rules/print-rules.ts";
import type { ReplayReport } from "./replay.ts";
import {
  count,
  leads,
  listTables,
  type Table,
  tellDifference,
  tellLimits,
  tellOutcome,
  tellProof,
  trailRows,
} from "./report.ts";

/** The report for a terminal of this many columns. */
export function renderText(report: ReplayReport, width: number): string[] {
  const { difference, version, versions } = report;
  const instant = (at: number) => new Date(at).toISOString().slice(0, 16).replace("T", " ");
  const decided = versions.map((each) => `${each.version} (${leads(each.decisions)})`).join(", ");
  return [
    `Replay of ${instant(report.from)} to ${instant(report.until)} UTC`,
    `Rules tried: ${version}. Rules that decided: ${decided || "none"}.`,
    "",
    "Does the replay reproduce what happened?",
    ...tellProof(report).flatMap((line) => wrapText(line, width)),
    "",
    "What would change?",
    ...[tellDifference(difference), ...tellLimits(report)].flatMap((line) => wrapText(line, width)),
    ...Object.values(listTables(difference)).flatMap(alignColumns),
    ...exampleLines(report, width),
    // A lead's source may be anybody's text: what a terminal would take for a command is left out.
  ].map((line) => line.replace(/\p{Cc}+/gu, " "));
}

/** The table below an empty line: words to the left, numbers to the right. */
function alignColumns(rows: Table): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const isNumber = (cell: string) => /^[−+=]?[\d,]*$|^(before|after|change|leads)$/.test(cell);
  const lines = rows.map((row) =>
    row.map((cell, at) =>
      isNumber(cell) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    ),
  );
  return lines.length === 0 ? [] : ["", ...lines.map((cells) => cells.join("  ").trimEnd())];
}

function exampleLines({ difference: { examples } }: ReplayReport, width: number): string[] {
  if (examples.length === 0) return [];
  const column = Math.max(30, Math.floor((width - 3) / 2));
  return [
    "",
    `${count(examples.length)} of them, before on the left and after on the right:`,
    ...examples.flatMap((example) => [
      "",
      `lead ${example.leadId}${example.generation > 1 ? `, generation ${example.generation}` : ""}: ${tellOutcome(example.before)}  ⇒  ${tellOutcome(example.after)}`,
      ...trailRows(example).flatMap(([before, after]) => sideBySide(before, after, column)),
    ]),
  ];
}

function sideBySide(before: string, after: string, column: number): string[] {
  const [left, right] = [wrapText(before, column, 2), wrapText(after, column, 2)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    `${(left[at] ?? "").padEnd(column)} | ${right[at] ?? ""}`.trimEnd(),
  );
}

/** A comment on a pull request holds 65,536 characters at GitHub: the rest of the report, and a good margin, need room too. */
const EXAMPLES_LIMIT = 40_000;

/** The report as Markdown, for a pull request. */
export function renderMarkdown(report: ReplayReport): string[] {
  const { difference, version, versions } = report;
  const { moves, pods, reps, rules } = listTables(difference);
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const decided = versions.map((each) => each.version).join(", ") || "none";
  return [
    "## What these rules would have done",
    "",
    tellDifference(difference),
    ...tellLimits(report).flatMap((line) => ["", `> ${line}`]),
    "",
    ...[moves, pods, reps].flatMap(tableLines),
    ...fold("By rule", tableLines(rules)),
    ...fold(
      `${count(difference.examples.length)} leads that change, both trails side by side`,
      foldedExamples(report),
    ),
    ...fold(
      "Does the replay reproduce what happened?",
      tellProof(report).map((line) => `- ${escape(line)}`),
    ),
    `<sub>${leads(difference.decisions)} from ${day(report.from)} to ${day(report.until)}; rules ${version} instead of ${decided}.</sub>`,
  ];
}

function foldedExamples({ difference: { examples } }: ReplayReport): string[] {
  const lines: string[] = [];
  let length = 0;
  for (const [at, example] of examples.entries()) {
    const title = `**${example.leadId}**: ${escape(tellOutcome(example.before))} ⇒ ${escape(tellOutcome(example.after))}`;
    const part = [title, "", ...tableLines([["before", "after"], ...trailRows(example)])];
    length += part.reduce((sum, line) => sum + line.length + 1, 0);
    if (length > EXAMPLES_LIMIT) {
      const rest = count(examples.length - at);
      return [...lines, `… and ${rest} more: \`--format text\` shows them.`, ""];
    }
    lines.push(...part);
  }
  return lines;
}

function tableLines([head, ...rows]: Table): string[] {
  if (head === undefined) return [];
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line), ""];
}

/** Hides lines below a title; nothing where there are none. */
function fold(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["<details>", `<summary>${escape(title)}</summary>`, "", ...lines, "", "</details>", ""];
}

/** Names of rules and values of leads are anybody's text: as Markdown or HTML they say nothing. */
function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|~@#]/g, (mark) => `\\${mark}`)
    .replace(/\s+/g, " ");
}
