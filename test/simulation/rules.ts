import { chain, fallback, matchedAccount, pod, score, territory } from "lead-router";

// Small caps, so that every run meets full pods and full people.

export const POD_IDS = ["dach", "sdr", "everyone"] as const;

const dach = pod("dach", { dailyCap: 4 });
// Waits less than a storm lasts, so that runs see both ends of it.
const sdr = pod("sdr", { openCap: 3, whenNobody: "wait", waitAtMost: { minutes: 8 } });
const everyone = pod("everyone", { dailyCap: 6, debitOutside: true });

/** The rules in force, and those that a deploy in the middle of a run replaces them with. */
export const chains = [
  chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
    score("hot", { min: 50 }, sdr),
    fallback(everyone),
  ),
  chain(
    territory("DACH", { countryCode: ["DE", "AT"] }, dach),
    matchedAccount({ whenOwnerAway: "next" }),
    score("warm", { min: 30 }, sdr),
    fallback(everyone),
  ),
] as const;
