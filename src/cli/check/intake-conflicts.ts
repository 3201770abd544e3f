import type { Test } from "../../rules/conditions.ts";
import {
  findDomain,
  findField,
  parseLead,
  readText,
  type SpelledField,
} from "../../intake/index.ts";
import { listSubjects } from "./condition-algebra.ts";
import { nameSubject } from "./contradictions.ts";
import type { Finding } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";

/** Conditions that no lead can meet because of what intake makes of what was sent. */
export function findIntakeConflicts(rule: ConditionalRule): readonly Finding[] {
  return listSubjects(rule.conditions).flatMap((subject) => {
    const { key, field, tests } = subject;
    if (field !== null) return findTakenField(rule, field, tests);
    const texts = tests.filter((test) => typeof test === "string" && test !== "none");
    const impossible = texts.filter((text) => !isStoredAsIs(key, String(text)));
    return impossible.map((text) => ({
      severity: impossible.length === tests.length ? ("error" as const) : ("warning" as const),
      kind: "impossible_value" as const,
      rules: [rule.name],
      pods: [rule.pod.id],
      says: `"${rule.name}" asks for ${nameSubject(subject)} "${text}", which no lead has${WHY[key] ?? ""}.`,
      advice: adviseStored(asStored(key, String(text))),
    }));
  });
}

const WHY: Readonly<Record<string, string>> = {
  companyDomain: ": intake keeps the domain that was registered, without www or a path",
  region: ": intake leaves one blank between words",
  source: ": intake leaves one blank between words",
  company: ": intake leaves one blank between words",
};

/** What intake would store of this text; null when it would store nothing. */
function asStored(key: string, text: string): string | null {
  return key === "companyDomain" ? findDomain(text) : readText(text);
}

// Conditions compare trimmed and without regard to case.
function isStoredAsIs(key: string, text: string): boolean {
  return asStored(key, text)?.toLowerCase() === text.trim().toLowerCase();
}

function adviseStored(stored: string | null): string {
  return stored === null ? 'Write a domain such as "acme.com".' : `Write "${stored}".`;
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
  const samples = tests.flatMap(sampleOf);
  if (takenAs === null || samples.length === 0) return [];
  if (!samples.every((sample) => isTaken(field, sample))) return [];
  return [
    {
      severity: "error",
      kind: "field_taken_by_intake",
      rules: [name],
      pods: [pod.id],
      says: `"${name}" looks at the form field "${field}", but intake reads that as the lead's ${WORDS[takenAs]} and takes it out of the fields.`,
      advice: adviseInstead(takenAs, field),
    },
  ];
}

function sampleOf(test: Test): string[] {
  if (test === "none") return [];
  return [String(typeof test === "object" ? (test.min ?? test.max) : test)];
}

function isTaken(field: string, value: string): boolean {
  const reachable = { email: "ada@acme.com", phone: "+49 30 1234567" };
  const parsed = parseLead({ ...reachable, [field]: value });
  // Refused is what is no email at all, under a name that is read as one.
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

function adviseInstead(takenAs: SpelledField, field: string): string {
  return CONDITION_KEYS.has(takenAs)
    ? `Write ${takenAs}: … in place of fields: { ${JSON.stringify(field)}: … }.`
    : `Use a function that looks at lead.${takenAs}.`;
}
