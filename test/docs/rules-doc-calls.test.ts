import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import {
  readArguments,
  readExportArguments,
  readReplayArguments,
} from "../../src/cli/rules/arguments.ts";
import { openLiveRouter } from "../ops/api/live-router.ts";
import { listCommands, readCurl, type CurlCall } from "./curl.ts";
import { DocFolder, importsOf } from "./doc-folder.ts";
import { blocksOf, listSteps, type DocStep } from "./doc-steps.ts";
import { RULES_DOC } from "./rules-doc.ts";

// The calls of docs/rules.md, made to the real API, and its commands, read by the commands' own argument parsers.

const document = readFileSync(RULES_DOC, "utf8");
const steps = listSteps(document);
const calling = steps.filter((step) => callsOf(step).length > 0);
const folders: DocFolder[] = [];
afterAll(() => folders.forEach((folder) => folder.remove()));

test.each(calling)("the calls succeed: $heading", async (step) => {
  expect(await makeCalls(await routerOf(step), step)).toEqual([]);
});

test("a new rep with a quarter of the others' weight gets a quarter of their leads", async () => {
  const step = calling.find((each) => callsOf(each).some(({ path }) => path.endsWith("/dee")));
  if (step === undefined) throw new Error("no step adds dee");
  const router = await routerOf(step);
  await makeCalls(router, step);
  const counts: Record<string, number> = {};
  for (let lead = 0; lead < 90; lead++) {
    const decision = await router.route(await router.addLead({ countryCode: "NL" }));
    const owner = decision?.ownerId ?? "nobody";
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  expect(counts).toEqual({ ana: 40, emre: 40, dee: 10 });
  expect(document).toContain("Of the next 90 leads dee gets 10, ana and emre 40 each.");
});

test("the commands exist and accept these arguments", () => {
  const named = [...document.matchAll(/npm run ([\w:]+)(?: -- ([^`|\n]+))?/g)];
  const scripts = Object.keys(manifest.scripts);
  expect(scripts).toEqual(expect.arrayContaining(named.map(([, name]) => name)));
  for (const [, name, args = ""] of named)
    if (name === "rules") expect(() => readRulesCommand(args.trim().split(" "))).not.toThrow();
});

/** A router with the step's chain and the reps that the document names. */
async function routerOf(step: DocStep) {
  const folder = new DocFolder(step, importsOf(steps));
  folders.push(folder);
  const router = openLiveRouter(await folder.loadChain());
  for (const rep of ["ana", "bo", "dee", "emre"]) await router.addRep(rep, {});
  return router;
}

function callsOf(step: DocStep): readonly CurlCall[] {
  const files = step.blocks.filter(({ info }) => info.startsWith("csv "));
  const byName = new Map(files.map(({ info, text }) => [info.slice("csv ".length), text]));
  return blocksOf(step, "sh")
    .flatMap(({ text }) => listCommands(text))
    .flatMap(([program, ...words]) => (program === "curl" ? [readCurl(words, byName)] : []));
}

/** Makes the calls of a step, and returns those that were refused, completely or in part. */
async function makeCalls(
  { call }: Awaited<ReturnType<typeof routerOf>>,
  step: DocStep,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const { method, path, contentType, body } of callsOf(step)) {
    const { status, text } = await call(method, path, body, { "Content-Type": contentType });
    if (status >= 300 || /"refusedCount":[^0]/.test(text)) refusals.push(`${path}: ${text}`);
  }
  return refusals;
}

function readRulesCommand(args: readonly string[]): unknown {
  const [name = "", ...rest] = args;
  const env = { LEAD_ROUTER_TOKEN: "a-token" };
  if (name === "replay") return readReplayArguments(rest, env, Date.now());
  if (name === "export") return readExportArguments(rest, env, Date.now());
  return readArguments(args.filter(Boolean), env);
}
