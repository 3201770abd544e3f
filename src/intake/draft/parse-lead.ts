import { clipText, isRecord, type JsonRecord } from "../../lib/json.ts";
import type { LeadDraft } from "../../rules/lead.ts";
import { refuse, type FieldError, type Refusal } from "../answer.ts";
import { foldFieldName, groupByField, type SpelledField } from "./field-names.ts";
import {
  findCompanyDomainOfEmail,
  findCountryCode,
  findDomain,
  findEmailProblem,
  findPhoneProblem,
  readNumber,
  readText,
} from "./values.ts";

export type ParsedLead = { readonly ok: true; readonly draft: LeadDraft } | Refusal;

/** What was read for one field of the lead: the value, and the sent entry it was read from. */
interface Found<Value> {
  readonly name: string;
  readonly value: Value;
  /** False when it was found inside an object of fields. */
  readonly isEntry: boolean;
}

type Find = <Value>(
  field: SpelledField,
  read: (value: unknown) => Value | null,
) => Found<Value> | null;

/** Objects that forms put the visitor's fields into: `data[email]`, `{ "fields": { "email": … } }`. */
const WRAPPERS = new Set(["data", "fields", "form", "formdata", "formfields", "lead", "contact"]);

/** Looks a field up among the entries, preferred spelling first: the first that can be read as what is asked for. */
function searchIn(fields: JsonRecord): Find {
  const wrapped = Object.entries(fields).flatMap(([outer, inner]) =>
    WRAPPERS.has(foldFieldName(outer)) && isRecord(inner)
      ? [{ inner, isEntry: false, spell: (name: string) => `${outer}[${name}]` }]
      : [],
  );
  const places = [{ inner: fields, isEntry: true, spell: (name: string) => name }, ...wrapped].map(
    (place) => ({ ...place, names: groupByField(Object.keys(place.inner)) }),
  );
  return (field, read) => {
    for (const { inner, isEntry, spell, names } of places) {
      for (const name of names.get(field) ?? []) {
        const value = read(inner[name]);
        if (value !== null) return { name: spell(name), value, isEntry };
      }
    }
    return null;
  };
}

function readDomain(value: unknown): string | null {
  const text = readText(value);
  return text === null ? null : findDomain(text);
}

function readCountryCode(value: unknown): string | null {
  const text = readText(value);
  return text === null ? null : findCountryCode(text);
}

/** Two decimals, as bands of scores are told apart: without that, 79.995 would lie between up to 79.99 and from 80. */
function roundScore(score: number): number {
  // Minus zero is the score zero.
  return Number(score.toFixed(2)) || 0;
}

/** What keeps a lead from being reached by e-mail or phone. Codes are those that form clients know (Formspree's list). */
function findContactErrors(
  email: Found<string> | null,
  phone: Found<string> | null,
): readonly FieldError[] {
  if (email === null && phone === null)
    return [
      {
        code: "REQUIRED_FIELD_MISSING",
        field: "email",
        message: "is required unless a phone is given: a lead needs an email or a phone",
      },
    ];
  const found = [
    { code: "TYPE_EMAIL", field: email?.name, message: email && findEmailProblem(email.value) },
    { code: "TYPE_TEXT", field: phone?.name, message: phone && findPhoneProblem(phone.value) },
  ];
  return found.flatMap(({ code, field, message }) =>
    field === undefined || message === null ? [] : [{ code, field, message }],
  );
}

/**
 * Makes a lead of what a form or an API client sent, a JSON object. Refuses with 422. Never throws.
 *
 * Nothing that was sent is lost: an entry leaves `fields` only when the lead's own field says all it said. What could not be
 * normalised, what was clipped, the other spellings of a field, and what a field was only derived from (first and last
 * name, a website's URL, utm_source, a score of more than two decimals) stay there under the name they were sent with; so does a whole object of fields.
 */
export function parseLead(sent: JsonRecord): ParsedLead {
  const tooDeep = Object.keys(sent).filter((name) => isNestedDeeper(sent[name], MAX_DEPTH));
  const message = `should not be nested deeper than ${MAX_DEPTH} levels`;
  const [depthError, ...otherDepths] = tooDeep.map((field) => ({
    code: "TOO_DEEP",
    field,
    message,
  }));
  if (depthError !== undefined) return refuse(422, depthError, ...otherDepths);

  const fields = toStorableFields(sent);
  const find = searchIn(fields);
  const email = find("email", (value) => readText(value)?.toLowerCase() ?? null);
  const phone = find("phone", readText);
  const [error, ...otherErrors] = findContactErrors(email, phone);
  if (error !== undefined) return refuse(422, error, ...otherErrors);

  const name = find("name", readText);
  const nameParts = [find("firstName", readText), find("lastName", readText)];
  const fullName = nameParts.flatMap((part) => part?.value ?? []).join(" ") || null;
  const company = find("company", readText);
  const region = find("region", readText);
  const source = find("source", readText);
  const domain = find("companyDomain", readDomain);
  const country = find("countryCode", readCountryCode);
  const score = find("score", readNumber);

  const draft = {
    email: email?.value ?? null,
    phone: phone?.value ?? null,
    name: clipText(name?.value ?? fullName),
    company: clipText(company?.value ?? null),
    companyDomain: domain?.value ?? (email === null ? null : findCompanyDomainOfEmail(email.value)),
    countryCode: country?.value ?? null,
    region: clipText(region?.value ?? null),
    source: clipText(source?.value ?? find("utmSource", readText)?.value ?? null),
    score: score === null ? null : roundScore(score.value),
    fields,
  };

  const isWholeDomain = (found: Found<string>): boolean =>
    found.isEntry && readText(fields[found.name])?.toLowerCase() === found.value;
  const said = [
    [email, true],
    [phone, true],
    [country, true],
    [score, score?.value === draft.score],
    [name, name?.value === draft.name],
    [company, company?.value === draft.company],
    [region, region?.value === draft.region],
    [source, source?.value === draft.source],
    [domain, domain !== null && isWholeDomain(domain)],
  ] as const;
  for (const [found, saidAll] of said) {
    // A list says more than the one value that was read from it.
    if (saidAll && found?.isEntry && !Array.isArray(fields[found.name])) delete fields[found.name];
  }
  return { ok: true, draft };
}

/**
 * Levels of arrays and objects inside one field. SQLite refuses JSON nested deeper than 1,000, and a lead
 * that it refuses at every try would be poison on the queue; forms nest no deeper than a handful.
 */
export const MAX_DEPTH = 64;

/** Whether a JSON value is nested deeper than this many levels. Looks no deeper than that. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

/** Without what SQLite text cannot hold: NUL and lone surrogates become U+FFFD, as HTML does with them. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** A copy of a JSON value of bounded depth that D1 and a queue give back as it was put in. */
function toStorable(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== "object" || value === null) return value;
  return toStorableFields(value);
}

/** As {@link toStorable}, of an object. The copy has no prototype, so an entry called `__proto__` is an entry like any other. */
function toStorableFields(fields: object): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(fields)) copy[storableText(name)] = toStorable(value);
  return copy;
}
