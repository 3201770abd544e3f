import type { Lead } from "../../rules/lead.ts";
import type { Rule } from "../../rules/rule.ts";
import type { Finding, Report } from "./finding.ts";
import { predicateOf } from "./rule-conditions.ts";

/** A lead of which nothing is known but how to reach it: what a form with one field sends. */
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

/** Rules that decide by a function: no check can see inside, but a function that cannot take a bare lead shows. */
export function checkPredicates(rules: readonly Rule[]): Report {
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const rule of rules) {
    const predicate = predicateOf(rule);
    if (predicate === null) continue;
    notes.push(
      `"${rule.name}" decides by the function ${predicate}: the check cannot see inside, and compares it with no other rule.`,
    );
    const { reason } = rule.evaluate(BARE_LEAD, { account: null, excluded: new Map() });
    if (reason.startsWith(`${predicate} failed`)) findings.push(fails(rule, predicate, reason));
  }
  return { findings, notes };
}

function fails({ name, pod }: Rule, predicate: string, reason: string): Finding {
  return {
    severity: "warning",
    kind: "predicate_fails",
    rules: [name],
    pods: pod === null ? [] : [pod.id],
    says: `The function of "${name}" cannot take a lead that sent nothing but an email: ${reason}, so the rule lets such a lead pass.`,
    advice: `Let ${predicate} expect null for whatever a form may leave out.`,
  };
}
