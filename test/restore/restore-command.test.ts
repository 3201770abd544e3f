import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/deploy/environment.ts";
import { restoreCommand, type RestoreIo } from "../../src/cli/restore/restore-command.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const TO = "2026-11-23T10:00:00Z";
const config = readConfig();

const ASKED = { environment: "production", epoch: null, pods: [] };
const REBUILT = {
  environment: "production",
  epoch: "2026-11-23T12:00:00.000Z",
  pods: [{ podId: "dach", outcome: "rebuilt", claims: 4, version: 2, cause: null }],
};
const POD = { podId: "dach", claims: 4, held: 0, version: 2, decisions: 4, versionInD1: 2 };
const AGREES = { balanced: true, leads: 5, undecided: 1, pods: [POD] };

/** A restore whose wrangler and router answer as the test says, and that writes down what it asked of them. */
function openRestore({
  fails = null as string | null,
  answers = [ASKED, REBUILT, AGREES] as unknown[],
  status = 200,
  ...io
}: Partial<RestoreIo> & { fails?: string | null; answers?: unknown[]; status?: number } = {}) {
  const done: string[] = [];
  const said: string[] = [];
  const run = (...args: string[]) =>
    restoreCommand(args, {
      out: (line) => void said.push(line),
      err: (line) => void said.push(line),
      env: { LEAD_ROUTER_TOKEN: "secret-token" },
      readConfig: () => config,
      ask: async () => "lead-router",
      async wrangler(command) {
        done.push(command.join(" "));
        const ok = fails === null || !command.join(" ").includes(fails);
        const stdout = command.includes("restore") ? `{"previous_bookmark":"0000-before"}` : "";
        return { ok, stdout, said: ok ? stdout : "it refused" };
      },
      async fetch(url, init) {
        done.push(`${init?.method} ${String(url)}`);
        return Response.json(answers.shift() ?? AGREES, { status });
      },
      sleep: async (milliseconds) => void done.push(`sleep ${milliseconds}`),
      now: () => NOW,
      ...io,
    });
  return { done, said, run };
}

const QUEUES = ["leads", "notifications", "deliveries", "leads-dead", "notifications-dead"];

describe("npm run restore", () => {
  it("pauses every queue, goes back, has the pods count anew, verifies, and resumes every queue", async () => {
    const { done, said, run } = openRestore();
    expect(await run("--to", TO, "--url", "https://leads.test/")).toBe(0);
    expect(done).toEqual([
      "d1 time-travel info DB --timestamp=2026-11-23T10:00:00.000Z --json --env=",
      "POST https://leads.test/api/pods/rebuild",
      ...QUEUES.map((queue) => `queues pause-delivery ${queue} --env=`),
      "sleep 60000",
      "d1 time-travel restore DB --timestamp=2026-11-23T10:00:00.000Z --json --env=",
      "d1 migrations apply DB --remote --env=",
      "POST https://leads.test/api/pods/rebuild",
      "GET https://leads.test/api/health/consistency",
      ...QUEUES.map((queue) => `queues resume-delivery ${queue} --env=`),
    ]);
    expect(said.join("\n")).toContain("--bookmark=0000-before");
    expect(said.join("\n")).not.toContain("secret-token");
  });

  it("takes the names of another environment from wrangler.toml", async () => {
    const answers = [{ ...ASKED, environment: "staging" }, REBUILT, AGREES];
    const { done, said, run } = openRestore({ answers, ask: async () => "lead-router-staging" });
    expect(await run("--to", TO, "--env", "staging", "--url", "https://leads.test")).toBe(0);
    expect(done).toContain("queues pause-delivery leads-staging --env=staging");
    expect(done.filter((one) => /\bleads\b(?!-)/.test(one) && one.startsWith("queues"))).toEqual(
      [],
    );
    expect(said).toContain(
      "  to undo: npx wrangler d1 time-travel restore DB --bookmark=0000-before --env=staging, then npm run restore -- --finish --env staging --url https://leads.test",
    );
  });

  it("shows every command of a dry run, and runs none", async () => {
    const { done, said, run } = openRestore({ env: {}, ask: null });
    expect(await run("--to", TO, "--dry-run")).toBe(0);
    expect(done).toEqual([]);
    for (const queue of QUEUES)
      expect(said).toContain(`  npx wrangler queues pause-delivery ${queue} --env=`);
    expect(said.join("\n")).toContain("/api/pods/rebuild");
  });

  it("goes back only when the name of the database is typed, or with --yes", async () => {
    const other = openRestore({ ask: async () => "yes" });
    expect(await other.run("--to", TO, "--url", "https://leads.test")).toBe(2);
    const nobody = openRestore({ ask: null });
    expect(await nobody.run("--to", TO, "--url", "https://leads.test")).toBe(2);
    expect([...other.done, ...nobody.done]).toEqual([]);
    const meant = openRestore({ ask: null });
    expect(await meant.run("--to", TO, "--url", "https://leads.test", "--yes")).toBe(0);
  });

  it.each([
    ["neither --to nor --finish", []],
    ["both", ["--to", TO, "--finish"]],
    ["an instant without an offset", ["--to", "2026-11-23 10:00"]],
    ["the future", ["--to", "2026-11-24T00:00:00Z"]],
    ["more than Time Travel keeps", ["--to", "2026-10-01T00:00:00Z"]],
    ["no address", ["--to", TO]],
    ["an address that is none", ["--to", TO, "--url", "leads.test"]],
    ["an environment that is none", ["--to", TO, "--env", "moon"]],
    ["an option that is none", ["--when", TO]],
  ])("begins nothing with %s", async (_what, args) => {
    const { done, said, run } = openRestore();
    expect(await run(...args)).toBe(2);
    expect(done).toEqual([]);
    expect(said).not.toEqual([]);
  });

  it("stops where Time Travel does not reach, with nothing changed", async () => {
    const { done, said, run } = openRestore({ fails: "time-travel info" });
    expect(await run("--to", TO, "--url", "https://leads.test")).toBe(1);
    expect(done).toHaveLength(1);
    expect(said).toContain("Nothing was changed.");
  });

  it("says how to resume when it stops before the database went back", async () => {
    const { said, run } = openRestore({ fails: "time-travel restore" });
    expect(await run("--to", TO, "--url", "https://leads.test")).toBe(1);
    expect(said).toContain("  npx wrangler queues resume-delivery leads --env=");
    expect(said.join("\n")).not.toContain("--finish");
  });

  it("lets the queues rest when pods do not agree, and finishes later without going back again", async () => {
    const differs = { ...AGREES, pods: [{ ...POD, claims: 9 }] };
    const stuck = openRestore({
      answers: [ASKED, REBUILT, ...Array.from({ length: 5 }, () => differs)],
    });
    expect(await stuck.run("--to", TO, "--url", "https://leads.test")).toBe(1);
    expect(stuck.said.join("\n")).toContain("dach counts 9, 4 decisions name it");
    expect(stuck.said.join("\n")).toContain("npm run restore -- --finish --url https://leads.test");
    expect(stuck.done.filter((one) => one.includes("resume"))).toEqual([]);

    const { done, run } = openRestore({ ask: null });
    expect(await run("--finish", "--url", "https://leads.test")).toBe(0);
    expect(done.some((one) => one.includes("time-travel"))).toBe(false);
    expect(done.filter((one) => one.includes("resume"))).toHaveLength(QUEUES.length);
  });

  it("takes no offence at claims drawn since for leads that stood in line", async () => {
    const drew = { ...AGREES, pods: [{ ...POD, claims: 6, held: 2 }] };
    const { run } = openRestore({ answers: [ASKED, REBUILT, drew] });
    expect(await run("--to", TO, "--url", "https://leads.test")).toBe(0);
  });

  it.each([["--to", TO], ["--finish"]])(
    "changes nothing when the token may not write: %s",
    async (...args) => {
      const answers = [{ detail: "The token may only read." }];
      const { done, said, run } = openRestore({ answers, status: 403 });
      expect(await run(...args, "--url", "https://leads.test")).toBe(1);
      expect(said.join("\n")).toContain("answered 403: The token may only read.");
      expect(said).toContain("Nothing was changed.");
      expect(done.filter((one) => /pause|restore|migrations/.test(one))).toEqual([]);
    },
  );

  it.each([
    ["the router is another one", "production", "it is production, not staging"],
    ["the router was not told which it is", null, 'Put ENVIRONMENT = "staging"'],
  ])("changes nothing when %s", async (_when, environment, words) => {
    const { done, said, run } = openRestore({ answers: [{ ...ASKED, environment }] });
    expect(await run("--to", TO, "--env", "staging", "--url", "https://leads.test", "--yes")).toBe(
      1,
    );
    expect(said.join("\n")).toContain(words);
    expect(said).toContain("Nothing was changed.");
    expect(done.filter((one) => /pause|time-travel restore|migrations/.test(one))).toEqual([]);
  });

  it.each([
    [{ npm_config_env: "staging" }, "npm run restore -- --env=staging"],
    [{ npm_config_dry_run: "true" }, "npm run restore -- --dry-run"],
    [{ npm_config_url: "https://b.test" }, "npm run restore -- --url=https://b.test"],
  ])("begins nothing when npm kept an option for itself: %j", async (kept, words) => {
    const { done, said, run } = openRestore({ env: { LEAD_ROUTER_TOKEN: "t", ...kept } });
    expect(await run("--finish")).toBe(2);
    expect(said).toEqual([expect.stringContaining(words)]);
    expect(done).toEqual([]);
  });
});

it("runs with the commands of the wrangler that is installed", () => {
  const cli = readFileSync("node_modules/wrangler/wrangler-dist/cli.js", "utf8");
  for (const command of [
    "queues pause-delivery",
    "queues resume-delivery",
    "d1 time-travel info",
    "d1 time-travel restore",
    "d1 migrations apply",
  ])
    expect(cli).toContain(`command: "wrangler ${command}"`);
});
