import { openLeadSpace, type LeadSpace } from "./condition-algebra.ts";
import type { Finding, Report } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";
import { listWords, quoteNames } from "../../rules/explain.ts";

/**
 * Rules that get no lead, or none but what the pods above them had nobody for, because rules above take all that they want.
 * The fallback is left alone: to get what the others left is what it is for.
 */
export function findUnreachable(rules: readonly ConditionalRule[]): Report {
  const findings: Finding[] = [];
  const notes: string[] = [];
  const space = openLeadSpace(conditionsOf(rules));
  for (const [at, rule] of rules.entries()) {
    if (rule.kind === "fallback") continue;
    const above = rules
      .slice(0, at)
      .filter(({ conditions }) => space.canMeetBoth(conditions, rule.conditions));
    const samePod = findCover(
      space,
      rule,
      above.filter(({ pod }) => pod.id === rule.pod.id),
    );
    const cover = samePod.length > 0 ? samePod : findCover(space, rule, above);
    if (cover === "unknown") {
      notes.push(
        `"${rule.name}" was not compared with the rules above it: together they make too many cases.`,
      );
    } else if (cover.length > 0) {
      findings.push(samePod.length > 0 ? neverReached(rule, cover) : onlyOverflow(rule, cover));
    }
  }
  return { findings, notes };
}

/** The fewest rules above that take every lead this one wants; none when they do not. */
function findCover(
  space: LeadSpace,
  { conditions }: ConditionalRule,
  above: readonly ConditionalRule[],
): readonly ConditionalRule[] | "unknown" {
  const single = above.find((one) => covers([one]));
  if (single) return [single];
  const answer = space.isCovered(conditions, conditionsOf(above)).answer;
  if (answer === "unknown") return answer;
  if (answer === "no") return [];
  // Which of them it takes: those without which the rest would still do are left out, the lowest first.
  return above.reduceRight<readonly ConditionalRule[]>((kept, one) => {
    const without = kept.filter((other) => other !== one);
    return covers(without) ? without : kept;
  }, above);

  function covers(some: readonly ConditionalRule[]): boolean {
    return space.isCovered(conditions, conditionsOf(some)).answer === "yes";
  }
}

function conditionsOf(rules: readonly ConditionalRule[]) {
  return rules.map(({ conditions }) => conditions);
}

function neverReached(rule: ConditionalRule, cover: readonly ConditionalRule[]): Finding {
  const names = quoteNames(cover.map(({ name }) => name));
  return {
    severity: "error",
    kind: "never_reached",
    rules: [...cover.map(({ name }) => name), rule.name],
    pods: [rule.pod.id],
    says: `"${rule.name}" never gets a lead: ${takeAll(cover)}, and for the same pod, ${rule.pod.id}.`,
    advice: `Move "${rule.name}" above ${names}, send it to another pod, or delete it.`,
  };
}

function onlyOverflow(rule: ConditionalRule, cover: readonly ConditionalRule[]): Finding {
  const pods = [...new Set(cover.map(({ pod }) => pod.id))];
  const names = quoteNames(cover.map(({ name }) => name));
  return {
    severity: "warning",
    kind: "only_overflow",
    rules: [...cover.map(({ name }) => name), rule.name],
    pods: [...pods, rule.pod.id],
    says: `"${rule.name}" can only get leads that ${listWords(pods)} had nobody for: ${takeAll(cover)}.`,
    advice: `Leave it if it is meant as overflow; else move it above ${names}.`,
  };
}

function takeAll(cover: readonly ConditionalRule[]): string {
  const names = quoteNames(cover.map(({ name }) => name));
  return cover.length === 1
    ? `${names} above it takes every lead it wants`
    : `${names} above it together take every lead it wants`;
}
