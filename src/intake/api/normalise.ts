import type { LeadDraft } from "../../rules/lead.ts";
import { clipText, isRecord, type JsonRecord } from "../../lib/json.ts";
import { findCompanyDomainOfEmail, findDomain } from "./company-domain.ts";
import { findCountryCode } from "./country.ts";
import { foldFieldName, groupByField } from "./field-names.ts";
import type { SpelledField } from "./field-names.ts";
import { checkContact } from "./schema.ts";
import { isNestedDeeper, MAX_DEPTH, toStorableFields } from "./storable.ts";
import { readNumber, readText } from "./values.ts";

/** What is wrong with one field; with no `field`, with the whole. `message` reads on after the field's name. */
export interface FieldError {
  readonly code: string;
  /** The name the caller sent it under. */
  readonly field?: string;
  readonly message: string;
}

export type ParsedLead =
  | { readonly ok: true; readonly draft: LeadDraft }
  | { readonly ok: false; readonly errors: readonly [FieldError, ...FieldError[]] };

/** What was read for one field of the lead: the value, and the sent entry it was read from. */
interface Found<Value> {
  readonly name: string;
  readonly value: Value;
  /** False of what is in an object of fields. */
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
    (place) => ({
      ...place,
      names: groupByField(Object.keys(place.inner)),
    }),
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
  // Minus zero is no score of its own.
  return Number(score.toFixed(2)) || 0;
}

function joinName(first: string | undefined, last: string | undefined): string | null {
  return [first, last].filter((part) => part !== undefined).join(" ") || null;
}

function refuseDepth(field: string): FieldError {
  return {
    code: "TOO_DEEP",
    field,
    message: `should not be nested deeper than ${MAX_DEPTH} levels`,
  };
}

/**
 * Makes a lead of what a form or an API client sent, a JSON object. Never throws.
 *
 * Nothing that was sent is lost: an entry leaves `fields` only when the lead's own field says all it said. What could not be
 * normalised, what was clipped, the other spellings of a field, and what a field was only derived from (first and last
 * name, a website's URL, utm_source, a score of more than two decimals) stay there under the name they were sent with; so does a whole object of fields.
 */
export function parseLead(sent: JsonRecord): ParsedLead {
  const [tooDeep, ...otherTooDeep] = Object.keys(sent).filter((name) =>
    isNestedDeeper(sent[name], MAX_DEPTH),
  );
  if (tooDeep !== undefined)
    return { ok: false, errors: [refuseDepth(tooDeep), ...otherTooDeep.map(refuseDepth)] };

  const fields = toStorableFields(sent);
  const find = searchIn(fields);

  const email = find("email", readText);
  const phone = find("phone", readText);
  const address = email?.value.toLowerCase() ?? null;
  const sentAs = { email: email?.name ?? "email", phone: phone?.name ?? "phone" };
  const [error, ...otherErrors] = checkContact({ email: address, phone: phone?.value ?? null }).map(
    (contactError) => ({
      ...contactError,
      field: sentAs[contactError.field],
    }),
  );
  if (error !== undefined) return { ok: false, errors: [error, ...otherErrors] };

  const name = find("name", readText);
  const company = find("company", readText);
  const region = find("region", readText);
  const source = find("source", readText);
  const domain = find("companyDomain", readDomain);
  const country = find("countryCode", readCountryCode);
  const score = find("score", readNumber);

  const draft = {
    email: address,
    phone: phone?.value ?? null,
    name: clipText(
      name?.value ??
        joinName(find("firstName", readText)?.value, find("lastName", readText)?.value),
    ),
    company: clipText(company?.value ?? null),
    companyDomain: domain?.value ?? (address === null ? null : findCompanyDomainOfEmail(address)),
    countryCode: country?.value ?? null,
    region: clipText(region?.value ?? null),
    source: clipText(source?.value ?? find("utmSource", readText)?.value ?? null),
    score: score === null ? null : roundScore(score.value),
    fields,
  };

  const drop = (found: Found<unknown> | null): void => {
    // A list says more than the one value that was read from it.
    if (found?.isEntry && !Array.isArray(fields[found.name])) delete fields[found.name];
  };
  for (const found of [email, phone, country]) drop(found);
  if (score?.value === draft.score) drop(score);
  if (name?.value === draft.name) drop(name);
  if (company?.value === draft.company) drop(company);
  if (region?.value === draft.region) drop(region);
  if (source?.value === draft.source) drop(source);
  if (domain?.isEntry && readText(fields[domain.name])?.toLowerCase() === domain.value)
    drop(domain);

  return { ok: true, draft };
}
