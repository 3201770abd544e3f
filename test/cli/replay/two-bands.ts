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

const enterprise = pod("enterprise");
const dach = pod("dach");
const sdr = pod("sdr");
const nurture = pod("nurture");

/** Rules in which the lowest score of a hot lead is this. */
export function rulesWith(hot: number): Chain {
  return chain(
    matchedAccount({ whenOwnerAway: "next" }),
    territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
    score("hot", { min: hot }, enterprise),
    score("warm", { min: 40, max: hot - 1 }, sdr),
    rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
    fallback(nurture),
  );
}

/** The same as a rules.ts; its bands are in a file beside it, as people do. */
export const RULES_TEXT = `import { chain, fallback, matchedAccount, pod, rule, score, territory } from "lead-router";
import { hot } from "./bands.ts";

const enterprise = pod("enterprise");
const dach = pod("dach");
const sdr = pod("sdr");
const nurture = pod("nurture");

export default chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach),
  score("hot", { min: hot }, enterprise),
  score("warm", { min: 40, max: hot - 1 }, sdr),
  rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr),
  fallback(nurture),
);
`;

export function bandsText(hot: number): string {
  return `export const hot: number = ${hot};\n`;
}
