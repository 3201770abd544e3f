import type { Contender } from "../driver/commands.ts";
import type { Stage } from "../driver/stage.ts";
import { countDecided, storeBacklog, type BacklogLead } from "./backlog.ts";

/** Leads of a backlog (issue 9). */
export const BACKLOG = 10_000;

/** No rule but the fallback takes it: one pod is asked, as the reference asks one object. */
function forTheFallback(): BacklogLead {
  return { countryCode: "FR", score: 10 };
}

/** One of five, in turn: for the pods dach, enterprise, sdr, nurture and everyone. A pass asks all five. */
export function forEveryPod(n: number): BacklogLead {
  const score = [10, 90, 50, null, 10][n % 5] ?? null;
  return { countryCode: n % 5 === 0 ? "DE" : "FR", score };
}

/** Stores a backlog and drains it. Yields leads a second. Rejects when a lead is left without a decision. */
export async function measureDrain(
  stage: Stage,
  contender: Contender,
  leadOf: (n: number) => BacklogLead = forTheFallback,
  concurrency = 1,
): Promise<number> {
  const db = contender === "router" ? stage.db : stage.referenceDb;
  const leadIds = await storeBacklog(db, BACKLOG, leadOf);
  const { elapsedMs } = await stage.drain({ contender, leadIds, concurrency });
  const decided = await countDecided(db, leadIds);
  if (decided !== BACKLOG) throw new Error(`${BACKLOG - decided} of ${BACKLOG} leads were left`);
  return (BACKLOG * 1_000) / elapsedMs;
}
