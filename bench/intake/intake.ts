import type { Bench, Figure, Section } from "../bench.ts";
import { openStage, QUIET, type Stage } from "../driver/stage.ts";
import { alternate, summarise, type Rounds } from "../rounds.ts";
import { CONCURRENCY, measureIntake, REQUESTS, type IntakeRound } from "./intake-rate.ts";

const ROUNDS = 7;
/** Of the requests a second that the reference answers (issue 9). */
const TARGET = 0.9;
const BARE_ROUTE = "a bare Hono route, one INSERT, one send";

/** How fast the doors answer, against the least that could be called one. */
export const intakeBench: Bench = {
  name: "intake",
  async run(progress) {
    const [json, form] = await onStage({}, async (stage) => {
      progress(`POST /leads, ${ROUNDS} rounds of ${REQUESTS}`);
      const leads = await compare(stage, "/leads");
      progress(`POST /f/contact, ${ROUNDS} rounds of ${REQUESTS}`);
      return [leads, await compare(stage, "/f/contact")] as const;
    });
    const quiet = await onStage(QUIET, async (stage) => {
      progress(`POST /leads without the log's lines, ${ROUNDS} rounds of ${REQUESTS}`);
      return await compare(stage, "/leads");
    });
    return describe(json, form, quiet);
  },
};

async function onStage<Result>(
  vars: Readonly<Record<string, string>>,
  measure: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  await using closing = new AsyncDisposableStack();
  return await measure(await openStage({ vars, consumes: false }, closing));
}

/** What one door came to, beside the reference. */
interface Compared {
  readonly rates: { readonly subject: Rounds; readonly reference: Rounds };
  readonly subject: Latencies;
  readonly reference: Latencies;
}

interface Latencies {
  readonly p50: Rounds;
  readonly p99: Rounds;
}

async function compare(stage: Stage, path: "/leads" | "/f/contact"): Promise<Compared> {
  const seen: { router: IntakeRound[]; reference: IntakeRound[] } = { router: [], reference: [] };
  const measure = (contender: "router" | "reference") => async () => {
    const round = await measureIntake(stage, contender, contender === "router" ? path : "/leads");
    seen[contender].push(round);
    return round.rate;
  };
  const rates = await alternate(ROUNDS, measure("router"), measure("reference"));
  return { rates, subject: latencies(seen.router), reference: latencies(seen.reference) };
}

/** The first round is the warm-up. */
function latencies([, ...rounds]: readonly IntakeRound[]): Latencies {
  return {
    p50: summarise(rounds.map(({ p50 }) => p50)),
    p99: summarise(rounds.map(({ p99 }) => p99)),
  };
}

function describe(json: Compared, form: Compared, quiet: Compared): Section {
  return {
    title: "Intake",
    intro:
      `Leads of a B2B form with 13 fields, each another person's, ${CONCURRENCY} requests at a time, from a driver worker through a service binding: ` +
      `\`POST /leads\` as JSON, \`POST /f/contact\` as a urlencoded form that is also held against the last ten minutes' submissions. The reference is ${BARE_ROUTE} of ` +
      `the id, on a table with the same columns, key and index. The queues are real; a consumer that does nothing takes the messages of both sides, so that no routing ` +
      `disturbs either.`,
    figures: [
      ...figuresOf("POST /leads", json, true),
      ...figuresOf("POST /f/contact", form, false),
      ...figuresOf("POST /leads without the log's lines", quiet, false),
    ],
    limits: [
      "A lead's line in the log (`LOG_LEVEL` of wrangler.toml) goes to another process here, on the same two cores, and costs more than it does on the edge, where it leaves after the answer: the last figures are without it.",
      "Here: one thread runs driver, worker, queue and D1, so that the figures say what a request costs in processor time, and the latencies are those of a line of " +
        `${CONCURRENCY}. On the edge a request's JavaScript runs in parallel with others', and the time is that of the way to D1's primary.`,
      "In production the door is bound by D1, which is single-threaded: Cloudflare says about 1,000 queries a second of 1 ms each. A JSON lead is one INSERT, a form's " +
        "lead a batch of two statements, and routing takes a share of its own: see the section on routing. Beyond that: one router with its own D1 per region or brand, " +
        "which their forms' addresses tell apart. A burst needs nothing: what D1 does not take within two seconds goes whole onto the queue, 5,000 messages a second, and is stored from there.",
    ],
  };
}

function figuresOf(
  door: string,
  { rates, subject, reference }: Compared,
  aimed: boolean,
): Figure[] {
  const figure = (
    name: string,
    unit: string,
    { value, spread }: Rounds,
    other: Rounds,
  ): Figure => ({
    name: `${door}, ${name}`,
    unit,
    value,
    spread,
    reference: { name: BARE_ROUTE, value: other.value },
  });
  return [
    {
      ...figure("rate", "requests/s", rates.subject, rates.reference),
      ...(aimed && { target: { of: "ratio", at: "least", limit: TARGET } as const }),
    },
    figure("p50", "ms", subject.p50, reference.p50),
    figure("p99", "ms", subject.p99, reference.p99),
  ];
}
