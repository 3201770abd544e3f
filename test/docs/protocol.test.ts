import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUGS } from "../simulation/bugs.ts";

// docs/protocol.md names the planted bugs of the simulation, all of them and by the same names.

const document = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
const [rules = "", table = ""] = document.split("## Leave one out");
const names = BUGS.map(({ name }) => name).toSorted();

test("every planted bug is named with the rule that it leaves out", () => {
  const lines = rules.matchAll(/^ *Planted bugs?: (?<bugs>.+)\.$/gm);
  const named = [...lines].flatMap(({ groups }) => listNames(groups?.["bugs"] ?? ""));
  expect([...new Set(named)].toSorted()).toEqual(names);
});

test("the table has each planted bug once", () => {
  const named = [...table.matchAll(/^\| (?<name>`[^|]+`) +\|/gm)];
  expect(named.flatMap(({ groups }) => listNames(groups?.["name"] ?? "")).toSorted()).toEqual(
    names,
  );
});

function listNames(text: string): readonly string[] {
  return [...text.matchAll(/`(?<name>[^`]+)`/g)].map(({ groups }) => groups?.["name"] ?? "");
}
