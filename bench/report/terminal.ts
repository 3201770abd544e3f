import type { Figure } from "../bench.ts";
import { formatRatio, formatReference, formatTarget, formatValue } from "./numbers.ts";
import { verdictOf, type Report, type Result } from "./report.ts";

const HEADING = ["", "value", "reference", "ratio", "target", ""];

/** The one table at the end of a run. */
export function renderTerminal({ results }: Report): string {
  const figures = results.flatMap((result) =>
    "section" in result ? result.section.figures.map(cellsOf) : [],
  );
  const cells = [HEADING, ...figures];
  const widths = HEADING.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const align = (line: readonly string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    align(HEADING),
    ...results.flatMap((result) => [
      "",
      titleOf(result),
      ...("section" in result ? result.section.figures.map((one) => align(cellsOf(one))) : []),
    ]),
  ].join("\n");
}

function titleOf(result: Result): string {
  const seconds = `${Math.round(result.seconds)} s`;
  return "section" in result
    ? `${result.section.title} (${result.name}, ${seconds})`
    : `${result.name} FAILED (${seconds}): ${result.failure}`;
}

function cellsOf(figure: Figure): string[] {
  return [
    `  ${figure.name}`,
    formatValue(figure),
    formatReference(figure),
    formatRatio(figure),
    formatTarget(figure),
    verdictOf(figure),
  ];
}
