import type { RuleRecord } from "./rule-rates.ts";

/** What a rule's record comes to, in a sentence; null where it is as it was. */
export function explainRecord(record: RuleRecord, inChain: boolean, routed: number): string | null {
  const { tried, matched, lastTriedAt, lastMatchedAt, matches, tries } = record;
  if (!inChain)
    return `It is no longer in the chain. It was tried on ${leads(tried)} of this range and matched ${matched}.`;
  if (tried === 0)
    return routed === 0
      ? "No lead was routed in this range."
      : `It was tried on 0 of ${leads(routed)} in this range: the rules before it took every one.`;
  if (tries.stopped && lastTriedAt !== null)
    return (
      `It is no longer tried: not since the quarter-hour from ${iso(lastTriedAt)}. Of the ${leads(tries.since)} routed ` +
      `since, ${round(tries.expected)} would have come to it at the rate there was before: a rule before it takes them.`
    );
  if (matches.stopped && lastMatchedAt !== null)
    return (
      `It has stopped matching: it matched ${matched} of ${leads(tried - matches.since)}, last in the quarter-hour from ` +
      `${iso(lastMatchedAt)}. Of the ${leads(matches.since)} it was tried on since, ${round(matches.expected)} would have ` +
      `matched at that rate, and none did.`
    );
  if (matched === 0)
    return `It matched none of the ${leads(tried)} it was tried on in this range: a longer one tells whether it did before.`;
  return null;
}

function leads(count: number): string {
  return count === 1 ? "1 lead" : `${count} leads`;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** One decimal: what is to be expected is an estimate. */
function round(expected: number): number {
  return Math.round(expected * 10) / 10;
}
