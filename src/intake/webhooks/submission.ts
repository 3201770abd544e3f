import { sha256Hex } from "../../lib/digest.ts";
import type { LeadDraft } from "../../rules/lead.ts";
import { dropOwnFields, SOURCE_FIELD } from "../../rules/own-fields.ts";
import type { Source } from "../../rules/source.ts";
import { findField } from "../draft/field-names.ts";
import { parseLead } from "../draft/parse-lead.ts";
import type { Entry, SentLead } from "./sender.ts";

/** Addresses and numbers of one lead that may be unusable: forms do not ask for more. */
const MOST_UNUSABLE = 8;

export type DraftOrNot =
  | { readonly ok: true; readonly draft: LeadDraft }
  | { readonly ok: false; readonly reason: "no_contact" | "unreadable" };

/**
 * Makes a lead of a submission. Nobody is there to correct an address or a number that cannot be used: it is kept as a field
 * `unusable_NAME`, and the lead goes by the other.
 */
export function draftOf(source: Source, { entries }: SentLead): DraftOrNot {
  const fields = nameFields(entries, source.fieldAliases);
  for (let unusable = 0; ; unusable++) {
    const parsed = parseLead(fields);
    if (parsed.ok) return { ok: true, draft: mark(source, parsed.draft) };
    const wrong = parsed.errors.flatMap(({ code, field }) =>
      field !== undefined && code.startsWith("TYPE_") && Object.hasOwn(fields, field) ? field : [],
    );
    if (wrong.length === 0 || unusable === MOST_UNUSABLE) {
      const tooDeep = parsed.errors.some(({ code }) => code === "TOO_DEEP");
      return { ok: false, reason: tooDeep ? "unreadable" : "no_contact" };
    }
    for (const name of wrong) {
      fields[`unusable_${name}`] = fields[name];
      delete fields[name];
    }
  }
}

function mark({ name, source }: Source, draft: LeadDraft): LeadDraft {
  return {
    ...draft,
    source: draft.source ?? source,
    fields: { ...draft.fields, [SOURCE_FIELD]: name },
  };
}

/**
 * Answers as the fields of a form: each under the alias that the source has for one of its names, else under the name that says
 * which field it is, else under its first. What the sender knows to be an address or a phone is the lead's, unless another
 * answer is called so. Several answers of one name make a list; blank ones are left out. The object has no prototype.
 */
function nameFields(
  entries: readonly Entry[],
  aliases: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const filled = entries
    .filter(({ value }) => value !== null && value !== undefined && value !== "")
    .map((entry) => ({ ...entry, known: findName(entry.names, aliases) }));
  const named = new Set(filled.map(({ known }) => (known === null ? null : findField(known))));
  const fields: Record<string, unknown> = Object.create(null);
  for (const { names, kind, value, known } of filled) {
    const byKind = known === null && kind !== undefined && !named.has(kind) ? kind : null;
    named.add(byKind);
    const name = known ?? byKind ?? names[0];
    fields[name] = fields[name] === undefined ? value : [fields[name], value].flat();
  }
  dropOwnFields(fields);
  return fields;
}

function findName(names: readonly string[], aliases: ReadonlyMap<string, string>): string | null {
  const aliased = names.find((name) => aliases.has(name));
  if (aliased !== undefined) return aliases.get(aliased) ?? null;
  return names.find((name) => findField(name) !== null) ?? null;
}

/**
 * The idempotency key of a submission, as it is stored: however often the sender delivers it, it is one lead. An `Idempotency-Key`
 * header cannot hold NUL, so no client's key is ever the same.
 */
export function submissionKey(source: string, id: string): string {
  return sha256Hex(["webhook", source, id].join("\0"));
}
