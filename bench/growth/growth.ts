import type { Bench } from "../bench.ts";
import { listCalls } from "./calls.ts";
import type { Costs } from "./commands.ts";
import {
  BATCHES,
  callFigures,
  callTable,
  costFigures,
  costTable,
  describe,
  rowsRead,
  sizeFigure,
  stageTable,
  type Measured,
} from "./growth-figures.ts";
import { openGrowthWorker, type GrowthWorker } from "./open-worker.ts";
import { fillDatabase, SIZES, type Size } from "./sizes.ts";

/** D1's limit of a database (D1 limits). */
const D1_BYTES = 10e9;

/** Rows per lead, per call and per run of the cron, on the real D1, as what is stored grows a thousandfold. */
export const growthBench: Bench = {
  name: "growth",
  async run(progress) {
    const now = Date.now();
    const measureAt = async (size: Size) => {
      progress(`${describe(size)}: put down`);
      await using closing = new AsyncDisposableStack();
      const worker = await openGrowthWorker(closing);
      const history = await fillDatabase(worker, size, now);
      progress(`${describe(size)}: measured`);
      return await measure(worker, size, listCalls(history.idOf(500), now));
    };
    const small = await measureAt(SIZES.small);
    const manyAccounts = await measureAt(SIZES.manyAccounts);
    const manyLeads = await measureAt(SIZES.manyLeads);
    const large = await measureAt(SIZES.large);
    const measured = [small, manyAccounts, manyLeads, large];
    return {
      title: "Growth",
      intro: `Real D1 and Durable Objects in workerd, by their own meters. A history of leads a minute apart, each with its decision, trail, notification, commits and rollups, is put down, with the same newest leads at every size; then batches of new leads go the whole way (door, pass, Slack, the pods' settlement, the cron), and the calls of the API are made. Nothing is timed.`,
      figures: [
        ...costFigures(small, large),
        ...callFigures(manyLeads, large),
        sizeFigure(manyLeads),
      ],
      tables: [costTable(measured), stageTable(measured), callTable(measured)],
      limits: [
        "Rows are what D1 bills, and what it takes time for: a lookup in a larger table reads the same rows, one or two pages deeper.",
        "The history fills 31 days of rollups at 100,000 leads: metrics read a row for each quarter-hour of their period, whatever the number of leads in it. So calls are compared from 100,000 leads on; at 1,000 most of their pages and periods are not full.",
        `What does grow is the size: D1 holds 10 GB a database, or some ${Math.floor(D1_BYTES / (manyLeads.bytes / manyLeads.size.leads) / 1e6)} million such leads, rollups and indexes included. What is older than the retention then leaves for the archive.`,
        "An idle cron finds where a day ends by halves: some three rows more for ten times the history.",
      ],
    };
  },
};

async function measure(
  worker: GrowthWorker,
  size: Size,
  calls: readonly string[],
): Promise<Measured> {
  // Once unmeasured: pods take their rosters over, once for each change of the roster and not for each lead.
  for (const { kind } of BATCHES) await worker.route({ kind, batch: 10 });
  const costs: Costs[] = [];
  for (const { kind, batch } of BATCHES) costs.push(await worker.route({ kind, batch }));
  const read = new Map<string, number>();
  for (const call of calls) read.set(nameCall(call), rowsRead(await worker.get(`/api${call}`)));
  const { meta } = await worker.db.prepare("SELECT 1").run();
  return { size, costs, idleCron: await worker.cron(), bytes: meta.size_after, calls: read };
}

/** Ids and instants differ from run to run. */
function nameCall(call: string): string {
  return call.replaceAll(/[0-9a-f-]{36}/g, ":id").replaceAll(/=20\d\d-[^&]+/g, "=…");
}
