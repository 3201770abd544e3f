import {
  findDomain,
  findField,
  foldFieldName,
  parseLead,
  readText,
  type SpelledField,
} from "../../intake/index.ts";
import type { Conditions, Test } from "../../rules/conditions.ts";
import { quoteNames } from "../../rules/explain.ts";
import { about, type Finding } from "./finding.ts";
import {
  type ConditionalRule,
  isCovered,
  isNumeric,
  listSubjects,
  type Subject,
} from "./lead-space.ts";

// What is wrong within a rule: lists that ask for nothing or say something twice, and conditions that no lead can meet
// because of how intake stores what was sent.

/** Lists within one rule that ask for nothing, or say something twice. */
export function findListProblems(rule: ConditionalRule): readonly Finding[] {
  return listSubjects(rule.conditions).flatMap((subject) => {
    const numeric = subject.tests.filter(isNumeric);
    const everyNumber: Test = { min: -Number.MAX_VALUE };
    return numeric.length > 1 && takes(subject, numeric, everyNumber)
      ? [alwaysTrue(rule, subject)]
      : findRepeated(rule, subject);
  });
}

/** Whether these tests of the subject hold for everything that another holds for. */
function takes({ key, field }: Subject, tests: readonly Test[], other: Test): boolean {
  const asking = (some: readonly Test[]): Conditions =>
    field === null ? { [key]: some } : { fields: { [field]: some } };
  return isCovered(asking([other]), [asking(tests)]).answer === "yes";
}

/** Several ranges of which every number meets one: `[{ min: 40 }, { max: 79 }]`, meant as from 40 to 79. */
function alwaysTrue({ name, pod }: ConditionalRule, subject: Subject): Finding {
  return {
    ...about("error", "always_true", [name], [pod.id]),
    says: `"${name}" takes any number for ${subject.name}: one match in a list is enough, and every number matches one of these.`,
    advice: "To set both ends at once, write one range: { min: …, max: … }.",
  };
}

function findRepeated({ name, pod }: ConditionalRule, subject: Subject): readonly Finding[] {
  const { tests } = subject;
  const has = (wider: Test, test: Test) => takes(subject, [wider], test);
  const repeated = (says: string, advice: string): Finding => ({
    ...about("warning", "repeated_value", [name], [pod.id]),
    says: `"${name}" lists ${says}.`,
    advice,
  });
  return tests.flatMap((test, at) => {
    const shown = showTest(test);
    const same = tests.slice(0, at).find((other) => has(other, test) && has(test, other));
    if (same !== undefined)
      return [
        repeated(
          showTest(same) === shown
            ? `${shown} twice for ${subject.name}`
            : `${showTest(same)} and ${shown} for ${subject.name}, which are the same: case and white space make no difference`,
          "Delete one of them.",
        ),
      ];
    const wider = tests.find((other) => other !== test && has(other, test) && !has(test, other));
    if (wider === undefined) return [];
    const says = `${shown} for ${subject.name}, which ${showTest(wider)} already includes`;
    return [repeated(says, `Delete ${shown}.`)];
  });
}

/** As it is written in rules.ts. */
function showTest(test: Test): string {
  if (typeof test !== "object") return JSON.stringify(test);
  const ends = Object.entries(test).map(([end, bound]) => `${end}: ${String(bound)}`);
  return `{ ${ends.join(", ")} }`;
}

/** Conditions that no lead can meet because of how intake stores what was sent. */
export function findIntakeConflicts(rule: ConditionalRule): readonly Finding[] {
  return listSubjects(rule.conditions).flatMap((subject) => {
    const { key, field, name, tests } = subject;
    if (field !== null) return findTakenField(rule, field, tests);
    const texts = tests.filter((test) => typeof test === "string" && test !== "none").map(String);
    // Conditions compare trimmed and without regard to case.
    const impossible = texts.filter(
      (text) => asStored(key, text)?.toLowerCase() !== text.trim().toLowerCase(),
    );
    const severity = impossible.length === tests.length ? "error" : "warning";
    return impossible.map((text) => {
      const stored = asStored(key, text);
      return {
        ...about(severity, "impossible_value", [rule.name], [rule.pod.id]),
        says: `"${rule.name}" asks for ${name} "${text}", which no lead has${WHY[key] ?? ""}.`,
        advice: stored === null ? 'Write a domain such as "acme.com".' : `Write "${stored}".`,
      };
    });
  });
}

const WHY: Readonly<Record<string, string>> = {
  companyDomain: ": the router keeps the registered domain, without www or a path",
  region: ": the router keeps one space between words",
  source: ": the router keeps one space between words",
  company: ": the router keeps one space between words",
};

/** What intake would store of this text; null when it would store nothing. */
function asStored(key: string, text: string): string | null {
  return key === "companyDomain" ? findDomain(text) : readText(text);
}

/**
 * A form field that intake reads as one of the lead's own: a form that sends just what the rule asks for fills the lead's
 * field, and `fields` is left without it. Asked of intake itself, value by value: a website's whole URL, say, stays.
 */
function findTakenField(
  { name, pod }: ConditionalRule,
  field: string,
  tests: readonly Test[],
): readonly Finding[] {
  const takenAs = findField(field);
  const samples = tests
    .filter((test) => test !== "none")
    .map((test) => String(typeof test === "object" ? (test.min ?? test.max) : test));
  if (takenAs === null || samples.length === 0) return [];
  if (!samples.every((sample) => isTaken(field, sample))) return [];
  return [
    {
      ...about("error", "field_taken_by_intake", [name], [pod.id]),
      says: `"${name}" looks at the form field "${field}", but the router reads that as the lead's ${WORDS[takenAs]} and removes it from the fields.`,
      advice: CONDITION_KEYS.has(takenAs)
        ? `Write ${takenAs}: … instead of fields: { ${JSON.stringify(field)}: … }.`
        : `Use a function that looks at lead.${takenAs}.`,
    },
  ];
}

function isTaken(field: string, value: string): boolean {
  const reachable = { email: "ada@acme.com", phone: "+49 30 1234567" };
  const parsed = parseLead({ ...reachable, [field]: value });
  // A value that is not an email is refused under a name that is read as one.
  return !parsed.ok || !Object.hasOwn(parsed.draft.fields, field);
}

const WORDS: Readonly<Record<SpelledField, string>> = {
  email: "email",
  phone: "phone",
  name: "name",
  firstName: "name",
  lastName: "name",
  company: "company name",
  companyDomain: "company domain",
  countryCode: "country",
  region: "region",
  source: "source",
  utmSource: "source",
  score: "score",
};

const CONDITION_KEYS: ReadonlySet<SpelledField> = new Set([
  "company",
  "companyDomain",
  "countryCode",
  "region",
  "source",
  "score",
]);

/** Form fields that rules spell in two ways: `fields` takes a name to the letter, so one of the two is a slip. */
export function findFieldSpellings(rules: readonly ConditionalRule[]): readonly Finding[] {
  const uses = rules.flatMap(({ name, pod, conditions }) =>
    Object.keys(conditions.fields ?? {}).map((field) => ({ name, pod: pod.id, field })),
  );
  const groups = Map.groupBy(uses, ({ field }) => foldFieldName(field));
  return [...groups.values()].flatMap((group): readonly Finding[] => {
    const spellings = unique(group.map(({ field }) => field));
    if (spellings.length < 2) return [];
    const names = unique(group.map(({ name }) => name));
    return [
      {
        ...about("warning", "field_spelled_twice", names, unique(group.map(({ pod }) => pod))),
        says: `${quoteNames(spellings)} are ${spellings.length} different form fields to ${quoteNames(names)}.`,
        advice: "Spell the field everywhere as your form sends it.",
      },
    ];
  });
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
