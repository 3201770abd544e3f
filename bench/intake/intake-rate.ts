import type { Contender, PostCommand } from "../driver/commands.ts";
import type { Stage } from "../driver/stage.ts";
import { quantile } from "../rounds.ts";

/** Requests that wait for an answer at the same time: enough to keep D1 busy, few enough to tell its queue from the work. */
export const CONCURRENCY = 16;
/** Requests a round, one to two seconds: many short rounds in turn say more on a noisy machine than few long ones. */
export const REQUESTS = 600;

/** What one round of posts came to. */
export interface IntakeRound {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

let rounds = 0;

/** Posts a round of leads, each another person's. */
export async function measureIntake(
  stage: Stage,
  contender: Contender,
  path: PostCommand["path"] = "/leads",
): Promise<IntakeRound> {
  rounds += 1;
  const tag = `intake-${rounds}`;
  const { elapsedMs, latenciesMs } = await stage.post({
    contender,
    path,
    count: REQUESTS,
    concurrency: CONCURRENCY,
    tag,
  });
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    rate: (REQUESTS * 1_000) / elapsedMs,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  };
}
