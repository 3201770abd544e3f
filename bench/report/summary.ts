import {
  formatQuantity,
  formatReference,
  formatRatio,
  formatTarget,
  formatValue,
} from "./numbers.ts";
import { figuresOf, sectionsOf, verdictOf, type Report } from "./report.ts";

/** What a reader in a hurry is told: the first figure of each section, and every target that was missed. */
export function renderSummary(report: Report): string[] {
  const targets = figuresOf(report).filter((figure) => verdictOf(figure) !== "");
  const missed = sectionsOf(report).flatMap(({ title, figures }) =>
    figures
      .filter((figure) => verdictOf(figure) === "MISSED")
      .map(
        (figure) =>
          `- **${title}: ${figure.name}**: ${measuredOf(figure)}, aimed at ${formatTarget(figure)}`,
      ),
  );
  const failed = report.results.flatMap((result) => ("failure" in result ? [result.name] : []));
  return [
    ...sectionsOf(report).flatMap(({ title, figures: [first] }) =>
      first === undefined ? [] : [`- **${title}.** ${describe(first)}`],
    ),
    "",
    missed.length === 0
      ? `All ${targets.length} targets were kept.`
      : `Of ${targets.length} targets ${missed.length} ${missed.length === 1 ? "was" : "were"} missed:`,
    ...(missed.length > 0 ? ["", ...missed] : []),
    ...(failed.length > 0 ? ["", `Could not be measured in this run: ${failed.join(", ")}.`] : []),
  ];
}

type Figure = Parameters<typeof formatValue>[0];

function describe(figure: Figure): string {
  const reference = formatReference(figure);
  const against = reference === "" ? "" : `; the reference ${reference}`;
  return `${figure.name}: ${formatValue(figure)}${against}.`;
}

function measuredOf(figure: Figure): string {
  return figure.target?.of === "ratio"
    ? formatRatio(figure)
    : formatQuantity(figure.value, figure.unit);
}
