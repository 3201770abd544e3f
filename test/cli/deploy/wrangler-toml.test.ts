import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { OFFLINE } from "../../../demo/router.ts";
import {
  addDatabaseId,
  findArchiveBlock,
  readConfig,
  readEnvironment,
  uncommentArchive,
} from "../../../src/cli/deploy/environment.ts";
import { isRecord } from "../../../src/lib/json.ts";

const ROOT = join(import.meta.dirname, "../../..");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
/** As it was before anybody's setup wrote into it. */
const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8")
  .replaceAll(/^database_id = .*\n/gm, "")
  .replaceAll(/^\[\[(?:env\.\w+\.)?r2_buckets\]\]\n.*\n.*$/gm, (block) =>
    block.replaceAll(/^/gm, "# "),
  );

/** What wrangler lets a named environment inherit, and is the same code for both. */
const INHERITED = new Set([
  "main",
  "compatibility_date",
  "compatibility_flags",
  "upload_source_maps",
]);

const folder = mkdtempSync(join(tmpdir(), "lead-router-toml-"));
afterAll(() => rmSync(folder, { recursive: true }));
const config = parse(toml);
const { production, staging } = split(config);

function split(whole: unknown) {
  if (!isRecord(whole) || !isRecord(whole["env"]) || !isRecord(whole["env"]["staging"]))
    throw new Error("wrangler.toml has no [env.staging]");
  const { env, $schema: _, ...top } = whole;
  return { production: top, staging: env["staging"] };
}

function parse(text: string): unknown {
  const path = join(folder, "wrangler.toml");
  writeFileSync(path, text);
  return readConfig(path);
}

describe("production and staging", () => {
  test("are alike but for the names of what is theirs", () => {
    const shared = Object.entries(production).filter(([key]) => !INHERITED.has(key));
    const renamed: unknown = JSON.parse(
      JSON.stringify(staging)
        .replaceAll("-staging", "")
        .replace('"ENVIRONMENT":"staging"', '"ENVIRONMENT":"production"')
        .replaceAll('"namespace_id":"501', '"namespace_id":"500'),
    );
    expect(renamed).toEqual(Object.fromEntries(shared));
  });

  test("share nothing that holds anything", () => {
    const [one, other] = [production, staging].map((each) => JSON.stringify(each));
    const names =
      /"(?:name|database_name|queue|dead_letter_queue|bucket_name|namespace_id)":"([^"]+)"/g;
    const taken = new Set([...(one ?? "").matchAll(names)].map((match) => match[1]));
    const both = [...(other ?? "").matchAll(names)]
      .map((match) => match[1] ?? "")
      .filter((name) => taken.has(name));
    // Bindings are named by the code.
    expect(new Set(both)).toEqual(new Set(["PODS", "REFUSALS", "FORMS"]));
  });

  test.each(["production", "staging"])("%s leaves no setting of a queue to a default", (name) => {
    const environment = name === "production" ? production : staging;
    const queues = isRecord(environment) ? environment["queues"] : null;
    const consumers =
      isRecord(queues) && Array.isArray(queues["consumers"]) ? queues["consumers"] : [];
    expect(consumers).toHaveLength(5);
    for (const consumer of consumers)
      for (const setting of [
        "max_batch_size",
        "max_batch_timeout",
        "max_concurrency",
        "max_retries",
        "retry_delay",
      ])
        expect(consumer).toHaveProperty(setting, expect.any(Number));
  });

  test("each has a consumer for every queue, those of dead letters included", () => {
    const { queues, requiredSecrets } = readEnvironment(config, "staging");
    expect(queues.toSorted()).toEqual([
      "deliveries-staging",
      "leads-dead-staging",
      "leads-staging",
      "notifications-dead-staging",
      "notifications-staging",
    ]);
    expect(requiredSecrets).toEqual(["API_TOKENS"]);
  });

  // Bundled by the real wrangler, side by side: some seconds.
  test("deploy dry, offline, without a word of warning", async () => {
    const dryRun = async (flag: string) => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [WRANGLER, "deploy", "--dry-run", flag, "--outdir", join(folder, flag)],
        { cwd: ROOT, env: { ...process.env, ...OFFLINE, NO_COLOR: "1", WRANGLER_LOG: "log" } },
      );
      expect(`${stdout}${stderr}`).toContain("--dry-run: exiting now.");
      expect(`${stdout}${stderr}`).not.toMatch(/WARNING|ERROR/);
      return stdout;
    };
    const [top, named] = await Promise.all([dryRun("--env="), dryRun("--env=staging")]);
    expect(top).toMatch(/env\.LEADS \(leads\)/);
    expect(named).toMatch(/env\.LEADS \(leads-staging\)/);
  }, 120_000);
});

describe("what setup writes into it", () => {
  test.each(["production", "staging"])("%s: the database's id, once, and nothing else", (name) => {
    const changed = addDatabaseId(toml, name, "4f2a");
    expect(readEnvironment(parse(changed), name).database.id).toBe("4f2a");
    expect(changed.replace('database_id = "4f2a"\n', "")).toBe(toml);
    expect(addDatabaseId(changed, name, "other")).toBe(changed);
    const other = name === "production" ? "staging" : "production";
    expect(readEnvironment(parse(changed), other).database.id).toBeNull();
  });

  test.each([
    ["production", "lead-router-archive"],
    ["staging", "lead-router-archive-staging"],
  ])("%s: the archive's bucket", (name, bucket) => {
    expect(findArchiveBlock(toml, name)).toBe(bucket);
    expect(readEnvironment(config, name).bucket).toBeNull();
    const changed = uncommentArchive(toml, name);
    expect(readEnvironment(parse(changed), name).bucket).toBe(bucket);
    expect(findArchiveBlock(changed, name)).toBeNull();
    expect(uncommentArchive(changed, name)).toBe(changed);
  });

  test("a file without the place says so", () => {
    expect(() => addDatabaseId('name = "x"', "production", "4f2a")).toThrow("no [[d1_databases]]");
    expect(findArchiveBlock('name = "x"', "production")).toBeNull();
  });
});
