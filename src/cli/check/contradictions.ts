import type { Conditions, Test } from "../../rules/conditions.ts";
import { isCovered, listSubjects } from "./condition-algebra.ts";
import type { Finding } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";
import { isNumeric, type Subject } from "./sample-values.ts";

/** Lists within one rule that ask for nothing, or say something twice. */
export function findListProblems(rule: ConditionalRule): readonly Finding[] {
  return listSubjects(rule.conditions).flatMap((subject) =>
    asksForEveryNumber(subject, subject.tests)
      ? [alwaysTrue(rule, subject)]
      : findRepeated(rule, subject, subject.tests),
  );
}

/** What a subject is called in a sentence: "the score", `the field "company_size"`. */
export function nameSubject({ key, field }: Subject): string {
  return field === null ? NAMES[key] : `the field "${field}"`;
}

const NAMES: Readonly<Record<Subject["key"], string>> = {
  countryCode: "the country",
  region: "the region",
  source: "the source",
  companyDomain: "the company domain",
  company: "the company name",
  score: "the score",
  fields: "the fields",
};

/** Several ranges of which every number meets one: `[{ min: 40 }, { max: 79 }]`, meant as from 40 to 79. */
function asksForEveryNumber(subject: Subject, tests: readonly Test[]): boolean {
  const numeric = tests.filter(isNumeric);
  return (
    numeric.length > 1 &&
    isCovered(asking(subject, [{ min: -Number.MAX_VALUE }]), [asking(subject, numeric)]).answer ===
      "yes"
  );
}

function alwaysTrue({ name, pod }: ConditionalRule, subject: Subject): Finding {
  return {
    severity: "error",
    kind: "always_true",
    rules: [name],
    pods: [pod.id],
    says: `"${name}" takes any number for ${nameSubject(subject)}: in a list one element is enough, and every number meets one of these.`,
    advice: "For both ends at once write one range: { min: …, max: … }.",
  };
}

function findRepeated(
  rule: ConditionalRule,
  subject: Subject,
  tests: readonly Test[],
): readonly Finding[] {
  return tests.flatMap((test, at) => {
    const same = tests.slice(0, at).find((other) => has(other, test) && has(test, other));
    if (same !== undefined) return [repeated(rule, subject, same, test)];
    const wider = tests.find((other) => other !== test && has(other, test) && !has(test, other));
    return wider === undefined ? [] : [contained(rule, subject, test, wider)];
  });

  function has(wider: Test, test: Test): boolean {
    return isCovered(asking(subject, [test]), [asking(subject, [wider])]).answer === "yes";
  }
}

function repeated(
  { name, pod }: ConditionalRule,
  subject: Subject,
  first: Test,
  second: Test,
): Finding {
  const differ = showTest(first) !== showTest(second);
  return {
    severity: "warning",
    kind: "repeated_value",
    rules: [name],
    pods: [pod.id],
    says: differ
      ? `"${name}" lists ${showTest(first)} and ${showTest(second)} for ${nameSubject(subject)}, which are the same: case and white space make no difference.`
      : `"${name}" lists ${showTest(first)} twice for ${nameSubject(subject)}.`,
    advice: "Delete one of them.",
  };
}

function contained(
  { name, pod }: ConditionalRule,
  subject: Subject,
  test: Test,
  wider: Test,
): Finding {
  return {
    severity: "warning",
    kind: "repeated_value",
    rules: [name],
    pods: [pod.id],
    says: `"${name}" lists ${showTest(test)} for ${nameSubject(subject)}, which lies within ${showTest(wider)}.`,
    advice: `Delete ${showTest(test)}.`,
  };
}

/** As it is written in rules.ts. */
function showTest(test: Test): string {
  if (typeof test !== "object") return JSON.stringify(test);
  const ends = Object.entries(test).map(([end, bound]) => `${end}: ${String(bound)}`);
  return `{ ${ends.join(", ")} }`;
}

/** Conditions with nothing but these tests of the subject. */
function asking({ key, field }: Subject, tests: readonly Test[]): Conditions {
  return field === null ? { [key]: tests } : { fields: { [field]: tests } };
}
