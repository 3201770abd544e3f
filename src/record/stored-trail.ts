import type { SQL } from "drizzle-orm";
import type { Candidate, Eligibility, TrailStep } from "../rules/trail.ts";
import { sql } from "../lib/query.ts";

// How a trail is stored. It is most of what a lead costs in storage: a decision of over some 1,000 bytes takes a page of D1's
// (4 KiB) to itself, and that is where a trail of four candidates ends up when each is spelled out.

/**
 * A candidate as a list: what is said of every one, and, where something was in the way, what. An eligible one's reason is what
 * it counted, so it is not kept.
 */
type StoredCandidate = readonly [
  repId: string,
  count: number,
  cap: number | null,
  weight: number,
  balance: number,
  balanceAfter: number | null,
  eligibility?: Eligibility,
  reason?: string,
  until?: number | null,
];

/** The eligibility of a stored candidate, an expression, for queries that only count. */
export function eligibilityOf(candidate: SQL): SQL {
  return sql`coalesce(${candidate} ->> 6, ${candidate} ->> 'eligibility', 'eligible')`;
}

type StoredStep = Omit<TrailStep, "candidates"> & {
  /** Spelled out in rows from before candidates were lists. */
  readonly candidates?: readonly (StoredCandidate | Candidate)[];
};

/** The JSON that the column `trail` holds. */
export function packTrail(trail: readonly TrailStep[]): string {
  return JSON.stringify(
    trail.map(({ candidates, ...step }): StoredStep =>
      candidates === undefined ? step : { ...step, candidates: candidates.map(packCandidate) },
    ),
  );
}

/** The trail that was stored. Throws a SyntaxError when it is no JSON, which the table's CHECK rules out. */
export function unpackTrail(stored: string): TrailStep[] {
  const steps: readonly StoredStep[] = JSON.parse(stored);
  return steps.map(({ candidates, ...step }) =>
    candidates === undefined ? step : { ...step, candidates: candidates.map(unpackCandidate) },
  );
}

function packCandidate(candidate: Candidate): StoredCandidate {
  const { repId, eligibility, reason, until, count, cap, weight, balance } = candidate;
  const counted = [repId, count, cap, weight, balance, candidate.balanceAfter ?? null] as const;
  const plain = eligibility === "eligible" && until === null && reason === sayCount(count, cap);
  return plain ? counted : [...counted, eligibility, reason, until];
}

function unpackCandidate(stored: StoredCandidate | Candidate): Candidate {
  if (!isList(stored)) return stored;
  const [repId, count, cap, weight, balance, balanceAfter, ...rest] = stored;
  const [eligibility = "eligible", reason = sayCount(count, cap), until = null] = rest;
  return {
    repId,
    eligibility,
    reason,
    until,
    count,
    cap,
    weight,
    balance,
    ...(balanceAfter !== null && { balanceAfter }),
  };
}

function isList(stored: StoredCandidate | Candidate): stored is StoredCandidate {
  return Array.isArray(stored);
}

/** Why an eligible member is eligible. Never change these words: rows that left them out would then show words that were not used at the time. */
function sayCount(count: number, cap: number | null): string {
  return cap === null ? `has ${count} leads today` : `has ${count} of ${cap} leads today`;
}
