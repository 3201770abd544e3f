import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = new URL("../..", import.meta.url).pathname;

/** Each line is the only thing wrong with an otherwise good rules.ts. */
const mistakes = {
  "an unknown key": `territory("a", { contryCode: "DE" }, sdr)`,
  "an unknown key beside a good one": `rule("a", { source: "ads", email: "a@b.c" }, sdr)`,
  "a country that does not exist": `territory("a", { countryCode: "XX" }, sdr)`,
  "a country in small letters, in a list": `territory("a", { countryCode: ["DE", "at"] }, sdr)`,
  "a country by its name": `territory("a", { countryCode: "Germany" }, sdr)`,
  "a range on a country": `territory("a", { countryCode: { min: 1 } }, sdr)`,
  "a range on text": `rule("a", { source: { min: 1 } }, sdr)`,
  "a number for text": `rule("a", { region: 7 }, sdr)`,
  "an empty range": `rule("a", { score: {} }, sdr)`,
  "an empty range in a field": `rule("a", { fields: { company_size: {} } }, sdr)`,
  "an empty score band": `score("a", {}, sdr)`,
  "a misspelt end of a range": `score("a", { minimum: 3 }, sdr)`,
  "a bound that is text": `score("a", { min: "80" }, sdr)`,
  "a bound that is undefined": `score("a", { min: undefined, max: 3 }, sdr)`,
  "a score that is text": `rule("a", { score: "80" }, sdr)`,
  "a misspelt pod": `score("a", { min: 80 }, sdrs)`,
  "a pod by its id": `score("a", { min: 80 }, "sdr")`,
  "no pod": `territory("a", { countryCode: "DE" })`,
  "a misspelt setting of a pod": `fallback(pod("b", { dailycap: 3 }))`,
  "a pod that waits, nobody knows how long": `fallback(pod("b", { whenNobody: "wait" }))`,
  "a limit for a pod that does not wait": `fallback(pod("b", { waitAtMost: { minutes: 5 } }))`,
  "a wait in a unit that is none": `fallback(pod("b", { whenNobody: "wait", waitAtMost: { weeks: 1 } }))`,
  "a misspelt option": `matchedAccount({ whenOwnerAway: "skip" })`,
  "no option": `matchedAccount()`,
  "a predicate that answers later": `rule("a", async function isBig() { return true; }, sdr)`,
  "a predicate that answers no boolean": `rule("a", function isBig(lead) { return lead.score; }, sdr)`,
  "a predicate on a key that leads lack": `rule("a", function isBig(lead) { return lead.points === 1; }, sdr)`,
} as const;

/** Everything a rule may say; must compile, or the mistakes above might fail for another reason. */
const good = [
  `matchedAccount({ whenOwnerAway: "assign" })`,
  `territory("a", { countryCode: ["DE", "none"], region: "Bavaria", companyDomain: ["acme.com"] }, sdr)`,
  `score("b", { min: 40, max: 79 }, sdr)`,
  `score("c", "none", sdr)`,
  `rule("d", { company: "none", score: [{ max: 3 }, 7], fields: { size: { min: 1 }, plan: ["pro", 2, true, "none"] } }, sdr)`,
  `score("f", { min: 200 }, pod("c", { whenNobody: "wait", waitAtMost: { hours: 1, minutes: 30 }, debitOutside: true }))`,
  `rule("e", function isBig(lead) { return (lead.score ?? 0) > 90; }, pod("b", { dailyCap: 3, openCap: 4 }))`,
];

const header = `import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
export const unused = [chain, fallback, matchedAccount, pod, rule, score, territory];
const sdr = pod("sdr");
`;
const source = (rules: readonly string[]) =>
  `${header}export default chain(\n${[...rules, "fallback(sdr)"].map((line) => `${line},`).join("\n")}\n);\n`;
const fileOf = (mistake: string) => `${mistake.replaceAll(/\W+/g, "-")}.ts`;

let folder: string;
let diagnostics: { readonly file: string; readonly line: number; readonly text: string }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lead-router-compile-"));
  await writeFile(join(folder, "good.ts"), source(good));
  for (const [mistake, line] of Object.entries(mistakes))
    await writeFile(join(folder, fileOf(mistake)), source([line]));
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        typeRoots: [join(root, "node_modules")],
        paths: { "lead-router": [join(root, "src/rules/index.ts")] },
      },
      include: ["*.ts"],
    }),
  );
  diagnostics = parseDiagnostics(await compile(folder));
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function compile(project: string): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [tsc, "-p", project, "--pretty", "false"],
      {
        cwd: project,
      },
    );
    return stdout;
  } catch (error) {
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string")
      return error.stdout;
    throw error;
  }
}

function parseDiagnostics(output: string) {
  return [...output.matchAll(/^(?<file>.+)\((?<line>\d+),\d+\): error (?<text>.+)$/gm)].map(
    ({ groups = {} }) => ({
      file: groups["file"] ?? "",
      line: Number(groups["line"]),
      text: groups["text"] ?? "",
    }),
  );
}

test("good rules compile, and so does all they import", () => {
  const known = new Set(Object.keys(mistakes).map(fileOf));
  expect(diagnostics.filter(({ file }) => !known.has(file))).toEqual([]);
});

test.each(Object.keys(mistakes))("%s does not compile", (mistake) => {
  // Every diagnostic points at the mistake, the line after the header's three and `chain(`.
  const lines = diagnostics.filter(({ file }) => file === fileOf(mistake)).map(({ line }) => line);
  expect(new Set(lines)).toEqual(new Set([5]));
});
