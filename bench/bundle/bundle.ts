import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Bench } from "../bench.ts";
import { alternate, summarise } from "../rounds.ts";
import { buildWorker, profileStartup } from "./build.ts";

const ROUNDS = 7;
const PROFILES = 5;
const KIB = 1024;
/** Workers limits: 10 MB gzipped on the paid plan, 3 MB on the free one, and a second of CPU until the module is evaluated. */
const FREE_KIB = 3 * KIB;
const STARTUP_MS = 1_000;
const LARGEST = 12;
const COMPATIBILITY_DATE = "2026-10-01";
const EMPTY = `export default { fetch: () => new Response("ok") };`;

/** How large the Worker is, and how long it takes to start. */
export const bundleBench: Bench = {
  name: "bundle",
  async run(progress) {
    await using closing = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "lead-router-bundle-"));
    closing.defer(() => rm(folder, { recursive: true }));
    progress("built");
    const { module, upload, parts } = await buildWorker(folder);
    const bundle = await readFile(module, "utf8");
    progress(`started ${ROUNDS} times, an empty Worker in turn`);
    const { subject, reference } = await alternate(
      ROUNDS,
      () => timeStart(bundle),
      () => timeStart(EMPTY),
    );
    const profiles: number[] = [];
    for (let n = 0; n < PROFILES; n++) {
      progress(`profile ${n + 1} of ${PROFILES}`);
      profiles.push(await profileStartup(upload, folder));
    }
    const startup = summarise(profiles);
    return {
      title: "Bundle and start-up",
      intro: `The Worker of wrangler.toml as "wrangler deploy --dry-run" builds it. Start-up is what "wrangler check startup" profiles: the CPU until the module is evaluated, parsing included. First answer is from the start of a workerd process to the answer of GET /healthz; the reference is a Worker of one line.`,
      figures: [
        {
          name: "bundle, gzipped",
          unit: "KiB",
          value: gzipSync(bundle).length / KIB,
          spread: null,
          target: { of: "value", at: "most", limit: FREE_KIB },
        },
        { name: "bundle, raw", unit: "KiB", value: Buffer.byteLength(bundle) / KIB, spread: null },
        {
          name: "start-up CPU",
          unit: "ms",
          ...startup,
          target: { of: "value", at: "most", limit: STARTUP_MS },
        },
        {
          name: "workerd started → first answer",
          unit: "ms",
          value: subject.value,
          spread: subject.spread,
          reference: { name: "a Worker of one line", value: reference.value },
        },
      ],
      tables: [
        {
          title: "What the bundle is made of",
          columns: ["part", "KiB"],
          rows: parts.slice(0, LARGEST).map(([name, bytes]) => [name, (bytes / KIB).toFixed(0)]),
        },
      ],
      limits: [
        "Cloudflare takes 10 MB gzipped on the paid plan and 3 MB on the free one, and refuses a Worker that takes more than a second of CPU to start. The target is the free plan's.",
        "A Worker starts while the TLS handshake still runs, and once for many requests: what start-up adds to a lead's answer is seen by the first one at a location only. A pod that was evicted starts anew with it.",
      ],
    };
  },
};

/** Milliseconds from the start of a workerd process to its first answer. */
async function timeStart(contents: string): Promise<number> {
  const { Miniflare } = await import("miniflare");
  const start = performance.now();
  const workerd = new Miniflare({
    cf: false,
    workers: [
      {
        config: {
          name: "started",
          compatibilityDate: COMPATIBILITY_DATE,
          compatibilityFlags: ["nodejs_compat"],
          manifest: { mainModule: "index.js", modules: { "index.js": { type: "esm", contents } } },
        },
      },
    ],
  });
  try {
    const response = await workerd.dispatchFetch("http://localhost/healthz");
    await response.text();
    if (!response.ok) throw new Error(`the Worker answered ${response.status}`);
    return performance.now() - start;
  } finally {
    await workerd.dispose();
  }
}
