import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { operations } from "../ops/api/contract.ts";
import { listAnchors, listLinks } from "./markdown-links.ts";

// Everything that the documents refer to exists: scripts, calls, files, headings.

const ROOT = join(import.meta.dirname, "../..");
const FILES = globSync(["*.md", "docs/*.md"], { cwd: ROOT }).toSorted();
const RUNBOOK = "docs/operations.md";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("the documents are found", () => {
  expect(FILES).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", RUNBOOK]));
});

describe.each(FILES)("%s", (file) => {
  test("names only scripts of package.json", () => {
    const named = read(file).matchAll(/\bnpm run (?:--silent |-s )?(?<script>[a-z][a-z:-]*)/g);
    const scripts = Object.keys(packageJson.scripts);
    const missing = [...named].map(({ groups }) => groups?.["script"] ?? "");
    expect(missing.filter((script) => !scripts.includes(script))).toEqual([]);
  });

  test("names files and folders that are there", () => {
    const named = [...read(file).matchAll(/`(?<path>(?:src|test|bench|demo)\/[^`\s]+)`/g)];
    const missing = named.map(({ groups }) => groups?.["path"] ?? "").filter(isMissing);
    expect(missing).toEqual([]);
  });

  test("links only to files and headings that exist", () => {
    const broken = listLinks(read(file)).filter(({ path, anchor }) => {
      const target = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== null && !listAnchors(read(target)).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

/** Whether no file or folder has this path; "test/**\/fuzz*" names what fits it. */
function isMissing(path: string): boolean {
  return globSync(path, { cwd: ROOT }).length === 0;
}

/** The calls that the text names or its commands make: "GET /api/leads/ID". */
function listCalls(document: string): readonly string[] {
  const named = document.matchAll(/\b(?:GET|POST|PUT|DELETE) \/(?:api|healthz|leads)[\w/.-]*/g);
  return [...[...named].map(([call]) => call), ...document.split("\n").flatMap(callOfCommand)];
}

/** The call of a command: `curl -X PUT "$api/reps/bo" …` is "PUT /api/reps/bo". */
function callOfCommand(line: string): readonly string[] {
  const asked = /\bcurl .*?\$(?<base>api|LEAD_ROUTER_URL)(?<path>\/[\w/.-]*)/.exec(line)?.groups;
  if (asked === undefined) return [];
  const method = / -X (?<name>[A-Z]+)/.exec(line)?.groups?.["name"];
  const path = `${asked["base"] === "api" ? "/api" : ""}${asked["path"]}`;
  return [`${method ?? (line.includes(" -d ") ? "POST" : "GET")} ${path}`];
}

/** "/api/leads/ID/route" matches "/api/leads/{id}/route". */
function isCall(call: string): boolean {
  return operations.some(({ method, path }) => {
    const pattern = path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
    return new RegExp(`^${method} ${pattern}$`).test(call);
  });
}

/** The endpoints for forms and webhooks are not in the API's document. */
const isIntake = (call: string) => /^POST \/(?:f|in)\//.test(call);

describe(RUNBOOK, () => {
  const calls = listCalls(read(RUNBOOK));

  test("names only calls that the API has", () => {
    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter((call) => !isCall(call) && !isIntake(call))).toEqual([]);
  });

  test("a call that does not exist would be found", () => {
    expect(listCalls("`GET /api/stucked`").filter((call) => !isCall(call))).toHaveLength(1);
    expect(listCalls('curl -X PUT "$api/stuck"')).toEqual(["PUT /api/stuck"]);
    expect(isCall("PUT /api/stuck")).toBe(false);
    expect(isCall("GET /api/leads/ID")).toBe(true);
  });

  test.each([
    "leads-stuck",
    "slack-silent",
    "d1-overloaded-or-stalled",
    "dead-letters",
    "a-wrong-rule-was-deployed",
    "restore",
    "was-the-audit-tampered-with",
    "rotate-secrets",
    "a-leaked-token",
  ])("has the chapter #%s", (chapter) => {
    expect(listAnchors(read(RUNBOOK))).toContain(chapter);
  });
});
