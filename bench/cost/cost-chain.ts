import {
  chain,
  fallback,
  matchedAccount,
  pod,
  rule,
  score,
  territory,
  type Chain,
} from "../../src/rules/index.ts";

// Pods of the bench's own: what rules.ts says of a pod of the same name would hold here too.

const dach = pod("bench-dach");
const enterprise = pod("bench-enterprise");
const sdr = pod("bench-sdr");

/** Pods that have members. */
export const MANNED = ["bench-dach", "bench-enterprise", "bench-sdr", "bench-everyone"] as const;
/** A pod without members. */
export const DESERTED = "bench-nobody";

/** The rules of the sample rules.ts, with this pod for what no other rule takes. */
export function costChain(fallbackPod: string): Chain {
  return chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
    score("hot", { min: 80 }, enterprise),
    score("warm", { min: 40, max: 79.99 }, sdr),
    rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
    fallback(pod(fallbackPod)),
  );
}
