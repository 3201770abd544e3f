import type { Bench, Figure, Section } from "../bench.ts";
import { BATCH, type Contender } from "../driver/commands.ts";
import { REPS } from "../driver/reference-tables.ts";
import { hireReps } from "../driver/reps.ts";
import { openStage, QUIET, type Stage } from "../driver/stage.ts";
import { CONCURRENCY, measureIntake } from "../intake/intake-rate.ts";
import { alternate, summarise, type Rounds } from "../rounds.ts";
import { BACKLOG, forEveryPod, measureDrain } from "./drain.ts";

const ROUNDS = 3;
/** Of what has no target. */
const FURTHER_ROUNDS = 2;
const INTAKE_ROUNDS = 5;
/** Batches at the same time, in place of the several consumers that Cloudflare starts. */
const CONSUMERS = 4;
/** Of the leads a second that the reference drains (issue 9). */
const TARGET = 0.6;
/** Times the intake rate of the same run: so much faster a backlog must go down than the doors can fill it (issue 9). */
const INTAKE_TARGET = 3;
const PODS = ["dach", "enterprise", "sdr", "nurture", "everyone"];
const LEAST = "one RPC, one D1 batch of two statements";

/** How fast a backlog goes down. */
export const routingBench: Bench = {
  name: "routing",
  async run(progress) {
    await using closing = new AsyncDisposableStack();
    const stage = await openStaffed({}, closing);
    progress(`intake, ${INTAKE_ROUNDS} rounds, for comparison`);
    const rates: number[] = [];
    for (let round = 0; round <= INTAKE_ROUNDS; round++)
      rates.push((await measureIntake(stage, "router")).rate);
    const intake = summarise(rates.slice(1));

    progress(`a backlog of ${BACKLOG} leads, ${ROUNDS} rounds`);
    const measure = (contender: Contender) => () => measureDrain(stage, contender);
    const drained = await alternate(ROUNDS, measure("router"), measure("reference"));
    progress(`the same for every pod, and by ${CONSUMERS} consumers`);
    const everyPod = summarise(await repeat(() => measureDrain(stage, "router", forEveryPod)));
    const parallel = summarise(
      await repeat(() => measureDrain(stage, "router", undefined, CONSUMERS)),
    );
    await closing.disposeAsync();

    progress("the same without the log's lines");
    await using closingQuiet = new AsyncDisposableStack();
    const quietStage = await openStaffed(QUIET, closingQuiet);
    const [, ...quiet] = await repeat(() => measureDrain(quietStage, "router"), FURTHER_ROUNDS + 1);
    return describe(drained, intake, { everyPod, parallel, quiet: summarise(quiet) });
  },
};

async function openStaffed(
  vars: Readonly<Record<string, string>>,
  closing: AsyncDisposableStack,
): Promise<Stage> {
  const stage = await openStage({ vars, consumes: false }, closing);
  await hireReps(stage.api, PODS);
  return stage;
}

async function repeat(measure: () => Promise<number>, rounds = FURTHER_ROUNDS): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure());
  return measured;
}

function describe(
  drained: { readonly subject: Rounds; readonly reference: Rounds },
  intake: Rounds,
  { everyPod, parallel, quiet }: Readonly<Record<"everyPod" | "parallel" | "quiet", Rounds>>,
): Section {
  const figure = (name: string, { value, spread }: Rounds): Figure => ({
    name,
    unit: "leads/s",
    value,
    spread,
  });
  const perBatch = (1_000 * BATCH) / drained.subject.value;
  return {
    title: "Routing",
    intro:
      `A backlog of ${BACKLOG.toLocaleString("en")} stored leads, handed to the worker's real \`queue()\` handler by the driver in batches of ${BATCH}, one at a time: the queue of local runs has one ` +
      `consumer too, but a pace of its own. Each pass reads the facts, walks the chain of rules.ts, asks pods of ${REPS} reps, commits decisions with their trails and sends the announcements to a queue that ` +
      `nobody works at. The reference keeps none of the promises: ${LEAST} (the leads read, the decisions inserted without trail) per ${BATCH} leads. The intake rate is that of \`POST /leads\` in this run, ` +
      `${CONCURRENCY} requests at a time, and does no routing.`,
    figures: [
      {
        ...figure("leads of one pod", drained.subject),
        reference: { name: LEAST, value: drained.reference.value },
        target: { of: "ratio", at: "least", limit: TARGET },
      },
      {
        ...figure("leads of one pod, against intake", drained.subject),
        reference: { name: "intake in this run, requests/s", value: intake.value },
        target: { of: "ratio", at: "least", limit: INTAKE_TARGET },
      },
      figure("leads of five pods in turn", everyPod),
      figure(`leads of one pod, ${CONSUMERS} batches at a time`, parallel),
      figure("leads of one pod, without the log's lines", quiet),
    ],
    limits: [
      "What a pass does that the reference does not is mostly the trail: every candidate of every lead, kept by the pod until the decision stands, sent to the pass, stored in D1. The fewer reps in a pod, the faster. " +
        "The log's two lines a lead (`LOG_LEVEL` of wrangler.toml) go to another process here, on the same two cores, and cost more than they do on the edge: the last figure is without them.",
      `Here: one thread does all of it, so that ${perBatch.toFixed(0)} ms a batch is the processor time of pass, pod and D1 together, and ${CONSUMERS} consumers gain nothing but the gaps.`,
      "In production consumers run in parallel (up to 250 a queue, 5,000 messages/s), and a pass costs one D1 two batches: what D1 has to do for them, not JavaScript, is the limit of all consumers together. " +
        "A pod takes one request a pass: at the 200 to 500 requests/s that an object with writes is good for, that is 20,000 leads a second and more in full batches, and 200 to 500 where leads come one by one.",
      "A backlog fills its batches, so that an outage of an hour is made up for at this rate; beyond it: one router with its own D1 per region or brand.",
    ],
  };
}
