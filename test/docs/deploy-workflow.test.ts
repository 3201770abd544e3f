import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { readWorkflow } from "./workflow.ts";

const workflow = readWorkflow("deploy.yml");
const { staging, production } = workflow.jobs;
const jobs = Object.entries(workflow.jobs);
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

test("staging is deployed first, then production, each with its GitHub environment", () => {
  expect(workflow.on).toEqual({
    workflow_run: {
      workflows: [readWorkflow("ci.yml").name],
      types: ["completed"],
      branches: ["main"],
    },
  });
  expect(Object.keys(workflow.jobs)).toEqual(["staging", "production"]);
  expect(production).toMatchObject({ needs: "staging" });
  for (const [name, job] of jobs) expect(job).toMatchObject({ environment: { name } });
});

test("only the commit that passed ci on main of this repository is deployed", () => {
  expect(staging?.if).toContain("github.event.workflow_run.conclusion == 'success'");
  expect(staging?.if).toContain("github.event.workflow_run.event == 'push'");
  expect(staging?.if).toContain("head_repository.full_name == github.repository");
  for (const [, job] of jobs)
    expect(job.steps[0]).toMatchObject({
      uses: expect.stringMatching(/^actions\/checkout@/),
      with: { ref: "${{ github.event.workflow_run.head_sha }}", "persist-credentials": false },
    });
});

test("each environment has one deploy at a time, and none is cancelled between database and code", () => {
  expect(workflow).not.toHaveProperty("concurrency");
  for (const [name, job] of jobs)
    expect(job).toMatchObject({
      concurrency: { group: `deploy-${name}`, "cancel-in-progress": false },
    });
});

describe("permissions", () => {
  test("the workflow can read the repository, and no job can do more", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const [, job] of jobs) expect(job.permissions).toBeUndefined();
  });

  test("only the deploy step sees Cloudflare's token and only the try step the router's, both as environment variables", () => {
    const seeing = (secret: string) =>
      steps
        .filter((step) => JSON.stringify(step).includes(`secrets.${secret}`))
        .map(({ name }) => name);
    expect(seeing("CLOUDFLARE_API_TOKEN")).toEqual(["Deploy", "Deploy"]);
    expect(seeing("LEAD_ROUTER_TOKEN")).toEqual(["Try it", "Try it"]);
    expect(steps.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });

  test("all actions are GitHub's own, at a pinned major version", () => {
    const used = new Set(steps.flatMap(({ uses = [] }) => uses));
    expect(used).toEqual(new Set(["actions/checkout@v5", "actions/setup-node@v5"]));
  });
});

test("its commands exist: staging routes a test lead, production does not", () => {
  const runs = (name: string) =>
    workflow.jobs[name]?.steps.flatMap(({ run }) => run ?? []).filter((run) => run !== "npm ci");
  expect(runs("staging")).toEqual([
    "npm run deploy -- --env staging",
    "npm run --silent smoke -- --lead",
  ]);
  expect(runs("production")).toEqual(["npm run deploy", "npm run --silent smoke"]);
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(["deploy", "smoke"]));
});

test("ci audits the shipped packages, in a separate job that an offline run does not need", () => {
  const { jobs: inCi, on } = readWorkflow("ci.yml");
  expect(inCi["audit"]?.steps.at(-1)).toEqual({ run: "npm audit --omit=dev --audit-level=high" });
  expect(on).toHaveProperty("schedule");
});
