import { styleText } from "node:util";
import type { Chain } from "../../rules/chain.ts";
import { describePod, describeWhen } from "../../rules/describe-chain.ts";
import { countWords, listWords } from "../../rules/explain.ts";
import type { Finding, Report } from "../check/finding.ts";

/** The rules as a table, in the order they are tried, then their pods. */
export function renderChain(
  { rules, pods, version }: Chain,
  file: string,
  width: number,
): string[] {
  const rows = rules.map((rule, at) => [
    String(at + 1),
    rule.name,
    rule.kind.replace("_", " "),
    rule.pod === null ? "the owner" : rule.pod.id,
    describeWhen(rule),
  ]);
  const [header = "", ...lines] = alignRows(
    [["", "rule", "kind", "goes to", "when"], ...rows],
    width,
  );
  return [
    `${paint("bold", file)}  version ${version}: ${countWords(rules.length, "rule")}, ${countWords(pods.length, "pod")}; the first rule that finds a rep takes the lead`,
    "",
    paint("dim", header),
    ...lines,
    "",
    ...alignRows(
      pods.map((pod) => [pod.id, describePod(pod)]),
      width,
    ),
  ];
}

const STYLES = { error: ["bold", "red"], warning: ["bold", "yellow"] } as const;
/** Columns of "warning", the longest label. */
const LABEL = 7;

/** Every finding with what to do about it, then the notes, then the count. */
export function renderReport({ findings, notes }: Report, width: number): string[] {
  return [
    ...findings.flatMap(({ severity, at, says, advice }) => [
      ...beside(
        paint([...STYLES[severity]], severity.padEnd(LABEL)),
        at ? `${at}  ${says}` : says,
        width,
      ),
      ...beside(" ".repeat(LABEL), `→ ${advice}`, width).map((line) => paint("dim", line)),
      "",
    ]),
    ...notes.flatMap((note) => beside(paint("dim", "note".padEnd(LABEL)), note, width)),
    ...(notes.length === 0 ? [] : [""]),
    summarise(findings),
  ];
}

/** The text in lines beside a label of seven columns. */
function beside(label: string, text: string, width: number): string[] {
  const before = LABEL + 4;
  const [first = "", ...more] = wrapText(text, width - before);
  return [`  ${label}  ${first}`, ...more.map((line) => " ".repeat(before) + line)];
}

function summarise(findings: readonly Finding[]): string {
  if (findings.length === 0) return paint("green", "Nothing suspicious.");
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const counts = [
    ...(errors > 0 ? [countWords(errors, "error")] : []),
    ...(warnings > 0 ? [countWords(warnings, "warning")] : []),
  ];
  return paint(errors > 0 ? "red" : "yellow", `${listWords(counts)}.`);
}

/** Colours a text for standard output; leaves it plain where that is not a terminal or NO_COLOR is set. */
function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** The text in lines of at most this many characters, all but the first indented; a longer word stands alone. */
export function wrapText(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = " ".repeat(indent) + word;
    }
  }
  return [...lines, line];
}

/** Indented rows, each column as wide as its widest cell; the last takes what is left of `width` and is wrapped. */
function alignRows(rows: readonly (readonly string[])[], width: number): string[] {
  const last = Math.max(0, ...rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: last }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const before = widths.reduce((sum, each) => sum + each + 2, 2);
  return rows.flatMap((row) => {
    const cells = widths.map((each, at) => `${(row[at] ?? "").padEnd(each)}  `).join("");
    const [first = "", ...more] = wrapText(row[last] ?? "", Math.max(30, width - before));
    return [`  ${cells}${first}`, ...more.map((line) => " ".repeat(before) + line)].map((line) =>
      line.trimEnd(),
    );
  });
}
