import type { Bench, Progress, Section } from "../bench.ts";
import type { OpenWorker } from "../meters/open-worker.ts";
import type { Usage } from "../meters/usage.ts";
import { perLead } from "../meters/usage.ts";
import { D1_GB_INCLUDED, D1_GB_MONTH, dollarsPerMillion, PRICES_OF } from "../prices.ts";
import { costFigures, type Compared } from "./cost-figures.ts";
import { KINDS, type Kind } from "./cost-leads.ts";
import { extrasTable, kindsTable, pricesTable, stagesTable } from "./cost-tables.ts";
import { measureBytes, measureCost, measureCpu, openCostWorker } from "./measure.ts";

/** Batches of each size that are measured; then the cron runs once: it looks at 500 leads a run. */
const BATCHES = [
  { batch: 1, batches: 10, plainBatches: 5 },
  { batch: 10, batches: 10, plainBatches: 2 },
  { batch: 100, batches: 5, plainBatches: 1 },
] as const;
/** Runs of the cron in a month of 30 days, at one a minute. */
const CRON_RUNS = 30 * 24 * 60;

/** What a lead costs, by meters. */
export const costBench: Bench = {
  name: "cost",
  async run(progress) {
    const closing = new AsyncDisposableStack();
    try {
      progress("starting the worker");
      return await measure(await openCostWorker(closing), progress);
    } finally {
      await closing.disposeAsync();
    }
  },
};

async function measure(worker: OpenWorker, progress: Progress): Promise<Section> {
  const compared: Compared[] = [];
  for (const kind of KINDS)
    for (const { batch, batches, plainBatches } of BATCHES) {
      progress(`a ${kind} lead in batches of ${batch}`);
      compared.push({
        router: await measureCost(worker, { contender: "router", kind, batch, batches }),
        plain: await measureCost(worker, {
          contender: "plain",
          kind,
          batch,
          batches: plainBatches,
        }),
      });
    }
  progress("with an Idempotency-Key, with a destination");
  const wanted = { contender: "router", kind: "territory", batch: 10, batches: 10 } as const;
  const keyed = await measureCost(worker, { ...wanted, keyed: true });
  const destined = await measureCost(worker, { ...wanted, destination: true });
  const idle = await worker.call<Usage>("/idle-cron");
  progress("bytes and CPU time of a lead");
  const bytes = {
    router: await measureBytes(worker, "router"),
    plain: await measureBytes(worker, "plain"),
  };
  const cpu = await measureCpu(worker);

  const ten = find(compared, "territory", 10);
  const findings = {
    ten,
    tens: new Map(KINDS.map((kind) => [kind, find(compared, kind, 10)])),
    hundreds: find(compared, "territory", 100),
    cpu,
    bytes,
  };
  return {
    title: "What a lead costs",
    intro:
      "Counted, not timed: the router's real stages on a real D1 and real Durable Objects in workerd, with a meter on every statement (`meta.rows_written`, `meta.rows_read`, the cursors in the Durable Object), every call and every message. A lead's cost is that of its whole path: `POST /leads`, routing, the Slack message, the pod's alarm that settles the claim, and its share of the cron, which runs once after each ten batches (five of 100). Figures without a note are of a lead that a territory rule takes, in batches of 10. *Plain* is `bench/plain`: a router as it is mostly written, with text keys, a statement for each write, a claim, an audit row and a notification for each lead; it keeps no order that could be called fair, no caps, no trail and no promise, and settles nothing.",
    figures: costFigures(findings),
    tables: [
      pricesTable(ten, cpu),
      stagesTable(ten.router),
      kindsTable(compared, cpu),
      extrasTable(ten.router, [
        ["an Idempotency-Key", keyed],
        ["a destination for webhooks", destined],
      ]),
    ],
    limits: [
      "These counts are the same on Cloudflare: they are what it bills. The allowances that the plan includes each month are named and not subtracted, nor is the minimum of $5 a month in them.",
      `Prices are list prices of the plan Workers Paid as of ${PRICES_OF}. Invocations by queues and the cron are counted as requests, which is the dearer reading of the price page.`,
      cpu === null
        ? "CPU time could not be read on this machine (it takes Linux's /proc): dollars are without it."
        : "CPU time is an upper bound: all of workerd, in which D1 and the Durable Objects run as well locally; on Cloudflare those are not billed as CPU.",
      `Bytes are those by which the database grows, indexes and unused parts of its pages included; D1 keeps them for $${D1_GB_MONTH} per GB and month beyond the included ${D1_GB_INCLUDED} GB, and 10 GB at most.`,
      "The time in which a Durable Object is at work is taken from its callers' clock. Objects sleep between batches: nothing keeps a pod in memory.",
      "Every batch is settled by an alarm of its own here; under load one alarm, 30 s after the first claim, settles many batches.",
      `A run of the cron with nothing to do reads ${idle.d1RowsRead} rows, writes ${idle.d1RowsWritten}, and makes ${idle.d1Calls} calls: ${dollarsOfMonth(idle)} a month, however many leads there are.`,
    ],
  };
}

function find(compared: readonly Compared[], kind: Kind, batch: number): Compared {
  const found = compared.find(
    ({ router: { measured } }) => measured.kind === kind && measured.batch === batch,
  );
  if (found === undefined) throw new Error(`no ${kind} lead was measured in batches of ${batch}`);
  return found;
}

function dollarsOfMonth(idle: Usage): string {
  const month = perLead(idle, 1 / CRON_RUNS);
  return `$${(dollarsPerMillion(month, 0) / 1_000_000).toFixed(2)}`;
}
