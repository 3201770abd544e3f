import type { Deps } from "../../ports/deps.ts";
import { readBody } from "../api/body.ts";
import type { Entry } from "../api/form-entries.ts";
import { refuse, type Refusal } from "../api/refusal.ts";
import { findByBody, findByUrl, type Address } from "./address.ts";
import { isEmpty, sortFields, type Sorted } from "./controls.ts";
import type { Form } from "../../rules/form.ts";
import { flattenHubspot } from "./hubspot.ts";
import { chooseNext } from "./redirect.ts";
import { findSite, type Site } from "./site.ts";

/** A post of a form, read and not yet judged. */
export interface Submission extends Sorted {
  readonly ok: true;
  readonly request: Request;
  readonly form: Form;
  readonly site: Site;
  /** As the browser's form sent it, one entry a control; empty for JSON. */
  readonly entries: readonly Entry[];
  /** Where the visitor goes once it is taken. */
  readonly next: string;
}

export const FORM_NOT_FOUND = refuse(404, {
  code: "FORM_NOT_FOUND",
  message: "There is no such form.",
});
const INACTIVE = refuse(410, { code: "INACTIVE", message: "This form is closed." });
const BLOCKED = refuse(403, {
  code: "BLOCKED",
  message: "This form may not be sent from this page.",
});
const EMPTY = refuse(400, { code: "EMPTY", message: "The form is empty." });

/** Reads a post: which form, from which page, what. A body is read only where the form may still be found or is. */
export async function openSubmission(
  deps: Pick<Deps, "forms">,
  request: Request,
  address: Address,
): Promise<Submission | Refusal> {
  const named = findByUrl(deps.forms, address);
  if (named === null && address.names.length > 0) return FORM_NOT_FOUND;
  const refusal = named === null ? null : findRefusal(request, named);
  if (refusal !== null) return refusal;

  const body = await readBody(request);
  if (!body.ok) return body;
  const form = named ?? findByBody(deps.forms, address, body.fields);
  if (form === null) return FORM_NOT_FOUND;
  const lateRefusal = named === null ? findRefusal(request, form) : null;
  if (lateRefusal !== null) return lateRefusal;

  const sent = address.dialect === "hubspot" ? flattenHubspot(body.fields) : body.fields;
  const sorted = sortFields(form, sent);
  if (isEmpty(sorted)) return EMPTY;
  const site = findSite(request, form);
  const own = new URL("/thanks", request.url).href;
  const next = chooseNext(form, sorted.controls, site, own);
  return { ok: true, request, form, site, entries: body.entries, next, ...sorted };
}

/** Why a form takes nothing, or nothing from this page; null when it does. */
function findRefusal(request: Request, form: Form): Refusal | null {
  if (!form.active) return INACTIVE;
  const { kind } = findSite(request, form);
  if (kind === "refused") return BLOCKED;
  return kind === "unknown" && !form.allowMissingOrigin ? BLOCKED : null;
}
