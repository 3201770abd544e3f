import type { ReplayReport } from "./report.ts";
import { deltaRows, tellOutcome, trailRows } from "./report-table.ts";
import { tellProof } from "./proof-words.ts";
import { count, leads, tellDifference, tellLimits } from "./report-words.ts";

/** A comment on a pull request holds 65,536 characters at GitHub: the rest of the report, and a good margin, need room too. */
const EXAMPLES_LIMIT = 40_000;

/** The report as Markdown, for a pull request. */
export function renderMarkdown(report: ReplayReport): string[] {
  const { difference, version, versions } = report;
  const { moves, pods, reps, rules, unassignedBefore, unassignedAfter } = difference;
  const changed = difference.elsewhere + difference.otherRule + difference.otherOwner > 0;
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const nobody = { name: "nobody", before: unassignedBefore, after: unassignedAfter };
  const head = ["before", "after", "change"];
  return [
    "## What these rules would have done",
    "",
    tellDifference(difference),
    ...tellLimits(report).flatMap((line) => ["", `> ${line}`]),
    "",
    ...(changed
      ? [
          ...table(
            ["from", "leads", "to"],
            moves.map((move) => [move.from, count(move.leads), move.to]),
          ),
          ...table(["pod", ...head], deltaRows([...pods, nobody])),
          ...table(["rep", ...head], deltaRows(reps)),
          ...fold("By rule", table(["rule", ...head], deltaRows(rules))),
          ...fold(
            `${count(difference.examples.length)} leads that change, both trails side by side`,
            renderExamples(report),
          ),
        ]
      : []),
    ...fold(
      "Does the replay reproduce what happened?",
      tellProof(report).map((line) => `- ${escape(line.trim())}`),
    ),
    `<sub>${leads(difference.decisions)} from ${day(report.from)} to ${day(report.until)}; rules ${version} instead of ${versions.map((each) => each.version).join(", ") || "none"}.</sub>`,
  ];
}

function renderExamples({ difference }: ReplayReport): string[] {
  const lines: string[] = [];
  let length = 0;
  for (const [at, example] of difference.examples.entries()) {
    const title = `**${example.leadId}**: ${escape(tellOutcome(example.before))} ⇒ ${escape(tellOutcome(example.after))}`;
    const part = [title, "", ...table(["before", "after"], trailRows(example))];
    length += part.reduce((sum, line) => sum + line.length + 1, 0);
    if (length > EXAMPLES_LIMIT)
      return [
        ...lines,
        `… and ${count(difference.examples.length - at)} more: \`--format text\` shows them.`,
        "",
      ];
    lines.push(...part);
  }
  return lines;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(" | ")} |`;
  return [line(head), `|${head.map(() => " --- |").join("")}`, ...rows.map(line), ""];
}

function fold(title: string, lines: readonly string[]): string[] {
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
