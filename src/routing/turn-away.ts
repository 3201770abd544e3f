import { OWN_CAP_REACHED } from "../pod/index.ts";
import type { FullRep } from "../ports/pod.ts";
import type { Journey } from "./journey.ts";

/**
 * How often a commit may refuse a lead within one pass. Each refusal rules one rep out or reads an owner
 * anew, so only a lead that meets more than this many full reps goes again later.
 */
export const MAX_REFUSALS = 25;

/** Rules out a rep whom the commit refused because they are full for their day, and notes it for the pods. */
export function turnAwayFrom(journey: Journey, rep: FullRep, full: FullRep[]): void {
  journey.excluded.set(rep.repId, OWN_CAP_REACHED);
  journey.refused.add(rep.repId);
  full.push(rep);
}
