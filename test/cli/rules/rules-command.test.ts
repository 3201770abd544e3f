import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import real from "#rules";
import sample from "../../../rules.ts";

// The command as a user runs it: a process of its own, in a folder of its own, on a rules.ts of its own.

const command = new URL("../../../src/cli/rules/run.ts", import.meta.url).pathname;
let folder: string;
// A process and a compiler a test, and neighbours that may keep the machine busy.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lead-router-command-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], cwd: string): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const env = { ...process.env, NO_COLOR: "1" };
  execFile(process.execPath, [command, ...args], { cwd, env }, (error, stdout, stderr) => {
    const code = error === null ? 0 : Number(error.code);
    resolve({ code, out: stripVTControlCharacters(stdout), err: stripVTControlCharacters(stderr) });
  });
  return promise;
}

const HEADER = `import { chain, fallback, pod, rule, score, territory, type Lead } from "lead-router";
const sdr = pod("sdr");
export const used = [rule, score, territory, (lead: Lead) => lead];
`;

/** Runs the command on a rules.ts of these lines, the fourth and following. */
async function runOn(
  lines: string,
  args: readonly string[] = [],
  more: Record<string, string> = {},
) {
  const own = await mkdtemp(join(folder, "rules-"));
  for (const [name, source] of Object.entries({ ...more, "rules.ts": HEADER + lines }))
    await writeFile(join(own, name), source);
  return await run(args, own);
}

/** What is said of the rules: the lines of findings, joined. */
function findingsOf({ out }: Ran): readonly string[] {
  return out
    .split("\n\n")
    .filter((part) => /^ {2}(error|warning) /.test(part))
    .map((part) => part.replaceAll(/\s+/g, " ").trim());
}

test("#rules is the user's own file, not the sample that tests of the router run by", () => {
  expect(real).not.toBe(sample);
});

describe.concurrent("a chain that works", () => {
  test("as a table, with what is suspicious", async () => {
    const ran = await runOn(`
const partners = pod("partners");
export default chain(
  territory("DACH", { countryCode: ["DE", "AT"] }, pod("dach", { dailyCap: 15 })),
  score("hot", { min: 80 }, sdr),
  fallback(sdr),
);
export { partners };
`);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^rules\.ts {2}version [0-9a-f]{12}: 3 rules, 2 pods;/);
    expect(ran.out).toMatch(/\n {2}1 {2}DACH {6}territory {2}dach {5}country is DE or AT\n/);
    expect(ran.out).toMatch(/\n {2}2 {2}hot {7}score {6}sdr {6}score is at least 80\n/);
    expect(ran.out).toMatch(/\n {2}dach {2}at most 15 leads a day each/);
    expect(findingsOf(ran)).toEqual([
      "warning No rule sends leads to the pod partners: its members get none from the rules. → Add a rule that sends to it, or delete it.",
    ]);
    expect(ran.out).toMatch(/\n1 warning\.\n$/);
  });

  test("warnings fail when asked to, and findings come as JSON", async () => {
    const ran = await runOn(`export default chain(fallback(sdr)); pod("partners");`, [
      "--strict",
      "--json",
    ]);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.out)).toEqual({
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      findings: [
        expect.objectContaining({ severity: "warning", kind: "unused_pod", pods: ["partners"] }),
      ],
      notes: [],
      liveProblem: null,
    });
  });

  test("nothing to complain of", async () => {
    const ran = await runOn("export default chain(fallback(sdr));", ["--strict"]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/\nNothing suspicious\.\n$/);
  });
});

describe.concurrent("a file that is no chain: the line, what is wrong with it, and no stack", () => {
  test("what chain() refuses, all of it", async () => {
    const ran = await runOn(`export default chain(
  territory("DACH", { countryCode: "DE" }, sdr),
  score("hot", { min: 70 }, sdr),
  score("warm", { max: 70 }, sdr),
  rule("DACH", {}, pod("sdr", { dailyCap: 3 })),
  rule("late", { source: "ads" }, sdr),
);`);
    expect(ran.code).toBe(1);
    expect(findingsOf(ran)).toEqual([
      'error rules.ts:4:16 Two rules are named "DACH", and a trail could not tell them apart. → Give each rule a name of its own.',
      'error rules.ts:4:16 Rule "late" comes after "DACH", which takes every lead. → Move it up: a rule that takes every lead comes last.',
      "error rules.ts:4:16 The chain has no fallback at its end. → End the chain with fallback(pod).",
      'error rules.ts:4:16 The score bands of "hot" and "warm" overlap. → Start one band where the other ends: { min: 40, max: 79.99 } and { min: 80 }.',
      'error rules.ts:4:16 Pod "sdr" has other settings in rule "DACH" than in rule "DACH". → Create the pod once, in a constant, and use it in every rule.',
    ]);
    expect(ran.out + ran.err).not.toContain("    at ");
  });

  test.each([
    [
      "a rule that is impossible",
      'export default chain(\n  score("hot", { min: 9, max: 1 }, sdr),\n  fallback(sdr));',
      'error rules.ts:5:3 score "hot": "score" is an impossible range: its min 9 is over its max 1. → Fix this line; the Worker cannot start with it.',
    ],
    [
      "a slip of the keyboard",
      'export default chain(score("hot", { min: 9 } sdr), fallback(sdr));',
      "error rules.ts:4:46 ',' expected. (TS1005) → Fix this line, then run `npm run check` again.",
    ],
    [
      "a misspelt pod",
      "export default chain(fallback(sdrs));",
      "error rules.ts:4:31 Cannot find name 'sdrs'. Did you mean 'sdr'? (TS2552) → Fix this line, then run `npm run check` again.",
    ],
    [
      "a type that only the compiler sees",
      'export default chain(rule("big", function isBig(lead) { return lead.score; }, sdr), fallback(sdr));',
      "error rules.ts:4:43 Argument of type '(lead: Lead) => number | null' is not assignable to parameter of type 'Conditions | LeadPredicate'. (TS2345)",
    ],
    [
      "no chain at all",
      "export default [fallback(sdr)];",
      "error The file's default export is not a chain. → End it with export default chain(…).",
    ],
  ])("%s", async (_what, lines, finding) => {
    const ran = await runOn(lines);
    expect(ran.code).toBe(1);
    expect(findingsOf(ran)).toEqual([expect.stringContaining(finding)]);
    expect(ran.out + ran.err).not.toContain("    at ");
  });

  test("a mistake in a file that the rules import", async () => {
    const ran = await runOn(
      'import { dach } from "./pods.ts";\nexport default chain(fallback(dach));',
      [],
      {
        "pods.ts": 'import { pod } from "lead-router";\n\nexport const dach = pod("DACH");\n',
      },
    );
    expect(findingsOf(ran)).toEqual([
      'error pods.ts:3:21 pod "DACH": the id must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen. → Fix this line; the Worker cannot start with it.',
    ]);
  });
});

describe.concurrent("a check that cannot be run exits with 2", () => {
  test("for want of the file, or by a slip on the command line", async () => {
    const ran = await run(["--file", "other.ts"], folder);
    expect(ran).toEqual({ code: 2, out: "", err: "There is no file other.ts.\n" });
  });

  test("a router that does not answer, after all that the file alone says", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    server.close();
    await once(server, "close");
    const url = `http://127.0.0.1:${port}`;
    const ran = await runOn("export default chain(fallback(sdr));", ["--url", url, "--token", "t"]);
    expect(ran.code).toBe(2);
    expect(ran.out).toContain("Nothing suspicious.");
    expect(ran.err).toBe(
      `The live router was not checked: 127.0.0.1:${port} did not answer (connection refused).\n`,
    );
  });

  test("replay and export are commands of their own", async () => {
    const [replay, exported] = await Promise.all([
      run(["replay", "--help"], folder),
      run(["export", "--help"], folder),
    ]);
    expect([replay.code, exported.code]).toEqual([0, 0]);
    expect(replay.out).toContain("past leads through this rules.ts");
    expect(exported.out).toContain("the past as a file");
  });
});
