import type { Figure, Section, Table } from "../bench.ts";
import {
  formatNumber,
  formatRatio,
  formatReference,
  formatTarget,
  formatValue,
} from "./numbers.ts";
import { listReach } from "./reach.ts";
import { figuresOf, verdictOf, type Report, type Result } from "./report.ts";
import { renderSummary } from "./summary.ts";

/** docs/performance.md. */
export function renderMarkdown(report: Report): string {
  const blocks = [
    "# Performance",
    "What a lead costs, how fast it is, and how both grow. Every figure was measured in one run, on one machine, beside a reference that did the same work in the same run: compare the ratios; the absolute rates are those of this machine. `npm run bench` writes this page anew.",
    renderMachine(report),
    "## In short",
    renderSummary(report).join("\n"),
    ...report.results.flatMap(renderResult),
    ...renderReach(report),
    "## How it is measured",
    "Real D1, queues and Durable Objects in workerd, on loopback. What is timed is warmed up, measured over several rounds, contender and reference in turn, and shown as the median; ± is the round that lay farthest from it. What is counted is the same each time and has no ±. A ratio is the value divided by the reference. *Kept* and *MISSED* compare with what was aimed at before the first measurement. Nothing of this is asserted by a test: a slow machine fails no build.",
  ];
  return `${blocks.join("\n\n")}\n`;
}

function renderMachine({ date, command, machine }: Report): string {
  const commit = machine.commit === null ? "" : `, commit \`${machine.commit}\``;
  return renderRows(
    ["", ""],
    [
      ["measured", `${date.slice(0, 16).replace("T", " ")} UTC, by \`${command}\`${commit}`],
      [
        "machine",
        `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}`,
      ],
      [
        "software",
        `Node ${machine.node}, workerd ${machine.workerd}, wrangler ${machine.wrangler}`,
      ],
    ],
  );
}

function renderResult(result: Result): string[] {
  if ("failure" in result)
    return [`## ${result.name}`, `**Not measured: it failed.** ${result.failure}`];
  const { title, intro, figures, tables = [], limits } = result.section;
  return [
    `## ${title}`,
    intro,
    ...(figures.length > 0 ? [renderFigures(figures)] : []),
    ...tables.flatMap(renderTable),
    ...renderLimits(limits),
  ];
}

function renderLimits(limits: Section["limits"]): string[] {
  return limits.length === 0
    ? []
    : ["What limits these figures:", limits.map((limit) => `- ${limit}`).join("\n")];
}

function renderFigures(figures: readonly Figure[]): string {
  return renderRows(
    ["figure", "value", "reference", "ratio", "target", ""],
    figures.map((figure) => [
      figure.name,
      formatValue(figure),
      formatReference(figure),
      formatRatio(figure),
      formatTarget(figure),
      verdictOf(figure) === "MISSED" ? "**MISSED**" : verdictOf(figure),
    ]),
    [1, 3, 4],
  );
}

function renderTable({ title, columns, rows }: Table): string[] {
  const numeric = columns.flatMap((_, column) =>
    rows.some((row) => typeof row[column] === "number") ? [column] : [],
  );
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? formatNumber(cell) : cell)),
  );
  return [`### ${title}`, renderRows(columns, cells, numeric)];
}

function renderReach(report: Report): string[] {
  const reach = listReach(figuresOf(report));
  if (reach.length === 0) return [];
  return [
    "## How far this goes",
    "Cloudflare's published limits of one database, one Durable Object and one queue, divided by what a lead was counted to take in batches of 100, the batches that a flood of leads makes. Leads a second are sustained ones; bursts wait in the queue.",
    renderRows(
      ["part", "arithmetic", "leads/s", "and beyond it"],
      reach.map(({ part, arithmetic, leadsPerSecond, beyond }) => [
        part,
        arithmetic,
        leadsPerSecond === null ? "" : formatNumber(leadsPerSecond),
        beyond,
      ]),
      [2],
    ),
  ];
}

/** @param right columns aligned to the right */
function renderRows(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const rule = columns.map((_, column) => (right.includes(column) ? "---:" : "---"));
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}
