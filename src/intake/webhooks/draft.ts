import { parseLead } from "../api/normalise.ts";
import { type LeadDraft } from "../../rules/lead.ts";
import { SOURCE_FIELD } from "../../rules/own-fields.ts";
import type { Submission } from "./adapter.ts";
import { nameFields } from "./name-fields.ts";
import type { Source } from "../../rules/source.ts";

/** Addresses and numbers of one lead that may be none: no form asks for more. */
const MOST_UNUSABLE = 8;

export type DraftOrNot =
  | { readonly ok: true; readonly draft: LeadDraft }
  | { readonly ok: false; readonly reason: "no_contact" | "unreadable" };

/**
 * Makes a lead of a submission. Nobody is there to correct an address or a number that is none: it is kept as a field
 * `unusable_NAME`, and the lead goes by the other.
 */
export function draftOf(source: Source, { entries }: Submission): DraftOrNot {
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
