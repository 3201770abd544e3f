import { openWorker, type OpenWorker } from "../meters/open-worker.ts";
import { addUsage, perLead, type Usage } from "../meters/usage.ts";
import { join } from "node:path";
import { alternate, type Rounds } from "../rounds.ts";
import { STAGES, type Case, type CaseUsage } from "./case.ts";
import { KINDS } from "./cost-leads.ts";
import { readWorkerdCpu } from "./cpu.ts";

/** What a case cost each of its leads. */
export interface Cost {
  readonly measured: Case;
  readonly stages: CaseUsage;
  readonly total: Usage;
}

/** Rounds in which CPU time is measured, and the leads in each: enough ticks of 10 ms for a figure. */
const CPU_ROUNDS = 3;
const CPU_BATCHES = 10;
/** Batches of 100 by which the database is seen to grow: hundreds of its pages of 4 KiB. */
const SIZE_BATCHES = 3;

/** Starts the bench's worker and takes one lead of each kind through both contenders: pods make their tables once, not for each lead. */
export async function openCostWorker(closing: AsyncDisposableStack): Promise<OpenWorker> {
  const config = join(import.meta.dirname, "wrangler.toml");
  const worker = await openWorker(config, ["DB", "PLAIN_DB"], closing);
  await worker.call("/set-up");
  for (const contender of ["router", "plain"] as const)
    for (const kind of KINDS) await measureCost(worker, { contender, kind, batch: 1, batches: 1 });
  return worker;
}

type Wanted = Omit<Case, "keyed" | "destination"> & Partial<Case>;

export async function measureCost(worker: OpenWorker, wanted: Wanted): Promise<Cost> {
  const measured: Case = { keyed: false, destination: false, ...wanted };
  const leads = measured.batch * measured.batches;
  const used = await worker.call<CaseUsage>("/case", measured);
  const stages: CaseUsage = {
    intake: perLead(used.intake, leads),
    routing: perLead(used.routing, leads),
    notification: perLead(used.notification, leads),
    delivery: perLead(used.delivery, leads),
    settlement: perLead(used.settlement, leads),
    cron: perLead(used.cron, leads),
  };
  return { measured, stages, total: addUsage(...STAGES.map((stage) => stages[stage])) };
}

/** CPU milliseconds of workerd a lead, of the router and of the plain one, at batches of ten; null where it cannot be read. */
export async function measureCpu(
  worker: OpenWorker,
): Promise<{ readonly subject: Rounds; readonly reference: Rounds } | null> {
  if ((await readWorkerdCpu()) === null) return null;
  const round = (contender: Case["contender"]) => async () => {
    const before = (await readWorkerdCpu()) ?? 0;
    const wanted = { contender, kind: "territory", batch: 10, batches: CPU_BATCHES } as const;
    await measureCost(worker, wanted);
    return (((await readWorkerdCpu()) ?? 0) - before) / (10 * CPU_BATCHES);
  };
  return await alternate(CPU_ROUNDS, round("router"), round("plain"));
}

/** Bytes by which D1 grows with a lead and all that happens to it. */
export async function measureBytes(
  worker: OpenWorker,
  contender: Case["contender"],
): Promise<number> {
  const size = async () =>
    (await worker.call<Record<Case["contender"], number>>("/size"))[contender];
  const before = await size();
  await measureCost(worker, { contender, kind: "territory", batch: 100, batches: SIZE_BATCHES });
  return ((await size()) - before) / (100 * SIZE_BATCHES);
}
