import { afterEach, beforeEach, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { readReplayArguments } from "../../src/cli/rules/arguments.ts";
import { FakeRunner, readWorkflow } from "./workflow.ts";

const workflow = readWorkflow("rules.yml");
const { report, comment } = workflow.jobs;
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
const MARK = "<!-- lead-router: rules -->";

let runner: FakeRunner;
beforeEach(() => {
  runner = new FakeRunner(workflow);
});
afterEach(() => runner.remove());

describe("permissions", () => {
  test("the code of a pull request never runs with a token that can write", () => {
    expect(Object.keys(workflow.on)).toEqual(["pull_request"]);
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(report?.permissions).toBeUndefined();
    expect(report?.steps[0]?.with).toMatchObject({ "persist-credentials": false });
    expect(comment?.permissions).toEqual({ "pull-requests": "write" });
    expect(comment?.steps.map(({ uses }) => uses)).toEqual([undefined]);
  });

  test("only the replay sees the router's token, and only as an environment variable", () => {
    const seeing = steps.filter((step) => JSON.stringify(step).includes("secrets."));
    expect(seeing.map(({ name }) => name)).toEqual(["Replay"]);
    expect(seeing[0]?.run).not.toMatch(/secrets\.|--token|echo "?\$LEAD_ROUTER_TOKEN/);
  });

  test("no text of the pull request is pasted into a script", () => {
    expect(steps.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });
});

test("its commands exist", () => {
  const scripts = steps.flatMap(({ run = "" }) => [
    ...run.matchAll(/npm (?:run (?:--silent )?)?(?<name>[\w:]+)/g),
  ]);
  const names = scripts.map(({ groups }) => groups?.["name"]).filter((name) => name !== "ci");
  expect(new Set(names)).toEqual(new Set(["rules", "test"]));
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(names));
});

describe("the replay", () => {
  const replay = (url: string, token: string) => {
    runner.run("report", "Replay", { LEAD_ROUTER_URL: url, LEAD_ROUTER_TOKEN: token });
    return runner.read("report/replay.md");
  };

  test("says how to set a missing address or, as in a fork, a missing token", () => {
    runner.pretend("npm", "exit 9");
    expect(replay("", "")).toContain("set the variable `LEAD_ROUTER_URL`");
    expect(replay("https://router.test", "")).toContain("there is no secret `LEAD_ROUTER_TOKEN`");
  });

  test("asks the router for 30 days, as Markdown", () => {
    runner.pretend("npm", 'echo "$@" > asked; echo "## What these rules would have done"');
    expect(replay("https://router.test", "t")).toBe("## What these rules would have done\n");
    const [called = "", argv = ""] = runner.read("asked").trim().split(" replay ");
    expect(called).toBe("run --silent rules --");
    const options = readReplayArguments(argv.split(" "), { LEAD_ROUTER_TOKEN: "t" }, Date.now());
    expect(options).toMatchObject({ format: "md", from: { source: "router" } });
  });

  test("says why it could not be run, and does not fail the job", () => {
    runner.pretend("npm", 'echo half; echo "router.test did not answer." >&2; exit 2');
    expect(replay("https://router.test", "t")).toBe(
      "The replay could not be run:\n\n    router.test did not answer.\n",
    );
  });
});

describe("the report", () => {
  const putTogether = (tests: string) => {
    runner.write("report/check.txt", "rules.ts  version 76bfa2ae5fa5\n\n1 warning.\n");
    runner.write("report/tests.txt", "expected the lead to go to the pod enterprise\n");
    runner.write("report/replay.md", "## What these rules would have done\n");
    runner.run("report", "Put the report together", { TESTS: tests });
    return runner.read("summary");
  };

  test("has the chain, the tests and the replay", () => {
    expect(putTogether("success")).toBe(
      `${MARK}\n## These rules\n\n~~~~~~text\nrules.ts  version 76bfa2ae5fa5\n\n1 warning.\n~~~~~~\n\n` +
        "Their tests pass.\n\n## What these rules would have done\n",
    );
  });

  test("quotes tests that fail", () => {
    expect(putTogether("failure")).toContain(
      "Their tests fail:\n\n~~~~~~text\nexpected the lead to go to the pod enterprise\n~~~~~~\n",
    );
  });

  test("reaches the next job complete, and fits into a comment", () => {
    const summary = putTogether("success");
    const [, end = ""] = /^comment<<(.+)$/m.exec(runner.read("output")) ?? [];
    expect(runner.read("output")).toBe(`comment<<${end}\n${summary}\n${end}\n`);

    runner.write("report/replay.md", "| lead |\n".repeat(20_000));
    runner.run("report", "Put the report together", { TESTS: "success" });
    expect(runner.read("report/comment.md")).toHaveLength(60_000);
  });
});

describe("the comment", () => {
  const write = (comments: string) => {
    runner.pretend(
      "gh",
      `case "$*" in *--paginate*) printf '${comments}';; *) echo "$@" >> calls; cat comment.md >> calls;; esac`,
    );
    runner.run("comment", "Write the comment, or renew it", {
      COMMENT: `${MARK}\nIt costs $5 \`now\``,
      GH_TOKEN: "g",
      PULL_REQUEST: "7",
      GITHUB_REPOSITORY: "acme/leads",
    });
    return runner.read("calls");
  };

  test("is written once", () => {
    expect(write("")).toBe(
      `api --silent --method POST repos/acme/leads/issues/7/comments --field body=@comment.md\n${MARK}\nIt costs $5 \`now\`\n`,
    );
  });

  test("is updated on the next push", () => {
    expect(write("41\\n42\\n")).toMatch(
      /^api --silent --method PATCH repos\/acme\/leads\/issues\/comments\/41 /,
    );
  });
});
