import type { Finding, Report } from "../check/finding.ts";
import { countWords, listWords } from "../../rules/explain.ts";
import { paint, wrapText } from "./columns.ts";

const STYLES = { error: ["bold", "red"], warning: ["bold", "yellow"] } as const;
const LABELS = { error: "error  ", warning: "warning" } as const;

/** Every finding with what to do about it, then the notes, then the count. */
export function renderReport({ findings, notes }: Report, width: number): string[] {
  return [
    ...findings.flatMap((finding) => [...renderFinding(finding, width), ""]),
    ...notes.flatMap((note) => indent(note, width, paint("dim", "note   "))),
    ...(notes.length === 0 ? [] : [""]),
    summarise(findings),
  ];
}

function renderFinding({ severity, at, says, advice }: Finding, width: number): string[] {
  const place = at === undefined ? "" : `${at}  `;
  return [
    ...indent(place + says, width, paint([...STYLES[severity]], LABELS[severity])),
    ...indent(`→ ${advice}`, width, " ".repeat(LABELS.error.length)).map((line) =>
      paint("dim", line),
    ),
  ];
}

/** The text in lines beside a label of seven columns. */
function indent(text: string, width: number, label: string): string[] {
  const before = LABELS.error.length + 4;
  const [first = "", ...more] = wrapText(text, width - before);
  return [`  ${label}  ${first}`, ...more.map((line) => " ".repeat(before) + line)];
}

function summarise(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  if (findings.length === 0) return paint("green", "Nothing suspicious.");
  return paint(
    errors > 0 ? "red" : "yellow",
    `${listWords([
      ...(errors > 0 ? [countWords(errors, "error")] : []),
      ...(warnings > 0 ? [countWords(warnings, "warning")] : []),
    ])}.`,
  );
}
