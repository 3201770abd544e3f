import {
  chain,
  fallback,
  matchedAccount,
  pod,
  rule,
  score,
  territory,
  type Chain,
} from "lead-router";

/** What the chain below hashes to, in Node and in workerd. Another value would orphan every stored decision. */
export const PINNED_VERSION = "dc25ab1daf85";

export function pinnedChain(): Chain {
  const dach = pod("dach", { dailyCap: 15 });
  return chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"], region: "Zürich" }, dach),
    score("hot", { min: 80 }, dach),
    rule("small", { fields: { company_size: { max: 50 } } }, dach),
    fallback(dach),
  );
}
