import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;

// Secrets are given below; wrangler would say before each file that .dev.vars has none.
process.env["WRANGLER_LOG"] ??= "error";

// Two projects in one run: what is pure runs in plain Node, where `cloudflare:*` cannot be imported, so
// that it stays pure; what touches D1, queues or Durable Objects runs in workerd on the real parts.
export default defineConfig({
  root,
  // Tests of the router run by rules of their own: whoever writes their own rules.ts has not broken the router.
  resolve: {
    alias: [{ find: /^(\.\.\/)+rules\.ts$/, replacement: `${root}test/sample-rules.ts` }],
  },
  test: {
    // Its own default is a core less, and of two cores that is half.
    maxWorkers: "100%",
    // What hangs is to be found, not a machine that is busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Pods log what they do: only what failed is worth reading.
    silent: "passed-only",
    reporters: ["default", ["json", { outputFile: `${root}test/report.json` }]],
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.workerd.test.ts"],
          setupFiles: [`${root}test/property-seed.ts`],
        },
      },
      {
        extends: true,
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: `${root}wrangler.toml` },
            miniflare: {
              r2Buckets: ["ARCHIVE"],
              bindings: {
                MIGRATIONS: await readD1Migrations(`${root}migrations`),
                API_TOKENS: "ana:write:write-token,rolf:read:read-token",
                SLACK_WEBHOOK_URL: "https://slack.test/assignments",
                SLACK_OPS_WEBHOOK_URL: "https://slack.test/ops",
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["test/**/*.workerd.test.ts"],
          setupFiles: [`${root}test/migrate.ts`],
        },
      },
    ],
  },
});
