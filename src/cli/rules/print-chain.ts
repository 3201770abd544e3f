import type { Chain } from "../../rules/chain.ts";
import { describePod, describeWhen } from "../../rules/describe-chain.ts";
import { countWords } from "../../rules/explain.ts";
import { alignRows, paint } from "./columns.ts";

/** The chain as a table: its rules in the order they are tried, then its pods. */
export function renderChain(
  { rules, pods, version }: Chain,
  file: string,
  width: number,
): string[] {
  const numbered = rules.map(({ name, kind, pod, ...rule }, at) => [
    String(at + 1),
    name,
    kind.replace("_", " "),
    pod === null ? "the owner" : pod.id,
    describeWhen({ name, kind, pod, ...rule }),
  ]);
  const [header = "", ...lines] = alignRows(
    [["", "rule", "kind", "goes to", "when"], ...numbered],
    width,
    2,
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
      2,
    ),
  ];
}
