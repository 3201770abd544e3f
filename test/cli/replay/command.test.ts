import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bigRecord } from "./big-record.ts";
import { ThrowawayRepository } from "./throwaway-repository.ts";
import { bandsText, rulesWith, RULES_TEXT } from "./two-bands.ts";

const COMMAND = fileURLToPath(new URL("command.ts", import.meta.url).href);
const LEADS = 400;

describe("npm run rules -- replay", { timeout: 60_000 }, () => {
  const repository = new ThrowawayRepository();
  const replay = (...args: readonly string[]) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [COMMAND, "replay", "--file", repository.path("rules.ts"), ...args],
      { encoding: "utf8" },
    );
    return { out: stdout, err: stderr, status };
  };
  const from = () => ["--from", repository.path("export.ndjson")];

  beforeAll(() => {
    repository.write("rules.ts", RULES_TEXT);
    repository.write("bands.ts", bandsText(90));
    repository.commit("Hot from 90");
    repository.write("bands.ts", bandsText(80));
    repository.write("rules.ts", `// The rules that decided.\n${RULES_TEXT}`);
    repository.commit("Hot from 80");
    repository.write("rules.ts", `${RULES_TEXT}// Only a word.\n`);
    repository.commit("A word");
    const lines = [...bigRecord(rulesWith(80), LEADS)].map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(repository.path("export.ndjson"), lines.join(""));
  });
  afterAll(() => repository.remove());

  it("says that nothing changes with the rules that decided, and proves it", () => {
    const { out, err, status } = replay(...from());
    expect(err).toBe("");
    expect(status).toBe(0);
    expect(out).toContain(
      "400 of 400 decisions by rules come out as recorded: rule, pod and rep, and every candidate's count and balance.",
    );
    expect(out).toContain(
      "Nothing changes: all 400 leads go where they went, to the same rep by the same rule.",
    );
    expect(out).toMatch(
      /^400 decisions in \d+\.\d s \([\d,]+ decisions\/s\), peak memory [\d,]+ MB$/m,
    );
  });

  it("finds the rules that decided in Git, with the files beside them, and tells what the changed band does", () => {
    repository.write("bands.ts", bandsText(70));
    const { out, status } = replay(...from());
    repository.write("bands.ts", bandsText(80));
    expect(status).toBe(0);
    expect(out).toContain(
      `Rules tried: ${rulesWith(70).version}. Rules that decided: ${rulesWith(80).version} (400 leads).`,
    );
    expect(out).toContain("400 of 400 decisions by rules come out as recorded");
    expect(out).toMatch(
      /\d+ of 400 leads \(\d+(\.\d)? %\) would go elsewhere: \d+ that scored 7\d to 79 move from sdr to enterprise/,
    );
    expect(out).toMatch(
      /- hot: the score is 7\d, under 80 +\| ✓ hot: the score is 7\d; enterprise → rep-\d+/,
    );
  });

  it("prints Markdown for a pull request, and JSON for scripts; the figure goes beside them", () => {
    repository.write("bands.ts", bandsText(70));
    const [markdown, json] = [
      replay(...from(), "--format", "md"),
      replay(...from(), "--format", "json"),
    ];
    repository.write("bands.ts", bandsText(80));
    expect(markdown.out).toMatch(/^## What these rules would have done$/m);
    expect(markdown.out).toContain("| rep | before | after | change |");
    expect(markdown.out).toContain("<summary>Does the replay reproduce what happened?</summary>");
    expect(markdown.out.length).toBeLessThan(65_536);
    expect(JSON.parse(json.out)).toMatchObject({
      proof: { decisions: LEADS, reproduced: LEADS, missed: {} },
      difference: { decisions: LEADS },
    });
    expect(json.err).toMatch(/peak memory/);
  });

  it("takes decisions as they were when no commit holds their rules", () => {
    const lines = [...bigRecord(rulesWith(55), 20)].map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(repository.path("other.ndjson"), lines.join(""));
    const { out, status } = replay("--from", repository.path("other.ndjson"));
    expect(status).toBe(0);
    expect(out).toContain("20 were kept as recorded: decided by rules that were not found.");
    expect(out).toContain(
      `The rules of version ${rulesWith(55).version} are in no commit of rules.ts`,
    );
  });

  it("says plainly what is wrong, and exits with 2", () => {
    expect(replay().err).toMatch(/^Give --since or --from\./);
    expect(replay("--from", "no-such.ndjson").err).toContain("no-such.ndjson cannot be read");
    expect(replay(...from(), "--format", "pdf").err).toBe(
      '--format should be text, md, json, not "pdf".\n',
    );
    expect(replay("--since", "30d").err).toBe("--since needs --url: the router to read from.\n");
    expect(replay("--since", "yesterday", "--url", "https://x.test", "--token", "t").err).toContain(
      "--since should be 30d, 12h, 4w or an instant such as 2026-11-01T00:00Z",
    );
    repository.write("broken.ndjson", '{"type":"meta","format":9}\n');
    const { err, status } = replay("--from", repository.path("broken.ndjson"));
    expect(err).toContain("broken.ndjson, line 1: it has format 9, not 1.");
    expect(status).toBe(2);
  });

  it("refuses an export that lacks a form field the rules look at", () => {
    const [meta, ...lines] = [...bigRecord(rulesWith(80), 5)];
    const poor = [{ ...meta, fields: ["message"] }, ...lines];
    repository.write("poor.ndjson", poor.map((line) => `${JSON.stringify(line)}\n`).join(""));
    expect(replay("--from", repository.path("poor.ndjson")).err).toBe(
      "The export lacks form fields that the rules look at: company_size. Export again with --fields.\n",
    );
  });
});
