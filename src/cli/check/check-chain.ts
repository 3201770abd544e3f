import type { Chain } from "../../rules/chain.ts";
import { quoteNames } from "../../rules/explain.ts";
import type { Lead } from "../../rules/lead.ts";
import { type Pod, waitLimitMs } from "../../rules/pod.ts";
import type { Rule } from "../../rules/rule.ts";
import { about, type Finding, joinReports, type Report } from "./finding.ts";
import { listConditionalRules } from "./lead-space.ts";
import { findBandProblems, findSharedCountries, findUnreachable } from "./rule-overlaps.ts";
import { findFieldSpellings, findIntakeConflicts, findListProblems } from "./single-rules.ts";

/**
 * Everything suspicious about a chain that loads: what `chain()` refuses is not repeated here. Pure.
 * @param declared every pod that rules.ts makes, so that those without a rule are found
 */
export function checkChain(chain: Chain, declared: readonly Pod[]): Report {
  const rules = listConditionalRules(chain.rules);
  const conditions = [
    ...rules.flatMap(findListProblems),
    ...rules.flatMap(findIntakeConflicts),
    ...findBandProblems(rules),
    ...findSharedCountries(rules),
    ...findFieldSpellings(rules),
  ];
  return joinReports(
    findUnreachable(rules),
    { findings: conditions, notes: [] },
    ...chain.rules.map(checkPredicate),
    { findings: findPodProblems(chain, declared), notes: [] },
  );
}

/** A lead of which nothing is known except how to reach it: what a form with one field sends. */
const BARE_LEAD: Lead = {
  id: "01990000-0000-7000-8000-000000000000",
  receivedAt: Date.UTC(2026, 0, 1),
  email: "ada@gmail.com",
  phone: null,
  name: null,
  company: null,
  companyDomain: null,
  countryCode: null,
  region: null,
  source: null,
  score: null,
  fields: {},
};

/** A rule that decides by a function: no check can see inside, but a function that fails on a bare lead shows. */
function checkPredicate({ name, pod, definition, evaluate }: Rule): Report {
  const { predicate } = definition;
  if (typeof predicate !== "string") return { findings: [], notes: [] };
  const note = `"${name}" decides by the function ${predicate}: the check cannot look inside, and does not compare it with other rules.`;
  const { reason } = evaluate(BARE_LEAD, { account: null, excluded: new Map() });
  const fails: Finding = {
    ...about("warning", "predicate_fails", [name], pod === null ? [] : [pod.id]),
    says: `The function of "${name}" fails on a lead that sent only an email: ${reason}, so the rule passes such a lead on.`,
    advice: `Make ${predicate} expect null for every field that a form may leave out.`,
  };
  return { findings: reason.startsWith(`${predicate} failed`) ? [fails] : [], notes: [note] };
}

const HOUR_MS = 60 * 60 * 1000;
/** A lead answered a day later is cold by any measure; a longer wait before other rules may help is more likely a slip. */
const LONG_WAIT_MS = 24 * HOUR_MS;

/** Pods that no rule sends to, that take no leads by their own settings, or that keep leads long from the rules below. */
function findPodProblems({ rules, pods }: Chain, declared: readonly Pod[]): readonly Finding[] {
  const used = new Set(pods.map(({ id }) => id));
  const unused = new Set(declared.map(({ id }) => id)).difference(used);
  return [
    ...[...unused].map((id) => ({
      ...about("warning", "unused_pod", [], [id]),
      says: `No rule sends leads to the pod ${id}: its members get none from the rules.`,
      advice: "Add a rule that sends to it, or delete it.",
    })),
    ...pods.flatMap((pod) => {
      const sending = rules.filter((rule) => rule.pod?.id === pod.id);
      const passingOn = sending.filter((rule) => rule !== rules.at(-1));
      return [...findZeroCaps(pod, namesOf(sending)), ...findLongWait(pod, namesOf(passingOn))];
    }),
  ];
}

function namesOf(rules: readonly Rule[]): readonly string[] {
  return rules.map(({ name }) => name);
}

function findZeroCaps({ id, settings }: Pod, rules: readonly string[]): readonly Finding[] {
  const caps = (["dailyCap", "openCap"] as const).filter((cap) => settings[cap] === 0);
  return caps.map((cap) => ({
    ...about("warning", "zero_cap", rules, [id]),
    says: `Members of ${id} without a cap of their own get no leads: its ${cap} is 0.`,
    advice: `Raise ${cap}, or remove it for no cap.`,
  }));
}

function findLongWait({ id, settings }: Pod, rules: readonly string[]): readonly Finding[] {
  const limit = waitLimitMs(settings) ?? 0;
  if (limit <= LONG_WAIT_MS || rules.length === 0) return [];
  return [
    {
      ...about("warning", "long_wait", rules, [id]),
      says: `A lead may wait ${Math.round(limit / HOUR_MS)} hours in ${id} before the rules below ${quoteNames(rules)} are tried.`,
      advice: "Shorten waitAtMost, unless nobody else could take such a lead anyway.",
    },
  ];
}
