import type { Deps } from "../../ports/deps.ts";
import type { Form } from "../../rules/form.ts";
import { REDIRECT_NAMES } from "../../rules/own-fields.ts";
import { isListed, readWebUrl } from "../../rules/urls.ts";
import { refuse, type Refusal, thanksPage } from "../answer.ts";
import { readBody } from "../body/body.ts";
import type { Entry } from "../body/form-entries.ts";
import { isEmpty, sortFields, type Sorted } from "./controls.ts";
import { type Address, findByBody, findByUrl, flattenHubspot } from "./dialects.ts";

/** A post of a form, read and not yet judged. */
export interface FormPost extends Sorted {
  readonly ok: true;
  readonly request: Request;
  readonly form: Form;
  readonly site: Site;
  /** As the browser's form sent it, one entry a control; empty for JSON. */
  readonly entries: readonly Entry[];
  /** Where the visitor goes once it is accepted. */
  readonly next: string;
}

const FORM_NOT_FOUND = refuse(404, {
  code: "FORM_NOT_FOUND",
  message: "There is no such form.",
});
const INACTIVE = refuse(410, { code: "INACTIVE", message: "This form is closed." });
const BLOCKED = refuse(403, {
  code: "BLOCKED",
  message: "This form may not be sent from this page.",
});
const EMPTY = refuse(400, { code: "EMPTY", message: "The form is empty." });

/** Reads a post: which form, from which page, what. A body is read only where the form is found or may still be. */
export async function readPost(
  { forms }: Pick<Deps, "forms">,
  request: Request,
  address: Address,
): Promise<FormPost | Refusal> {
  const named = findByUrl(forms, address);
  if (named === null && address.names.length > 0) return FORM_NOT_FOUND;
  const refusal = named === null ? null : findRefusal(request, named);
  if (refusal !== null) return refusal;

  const body = await readBody(request);
  if (!body.ok) return body;
  const form = named ?? findByBody(forms, address, body.fields);
  if (form === null) return FORM_NOT_FOUND;
  const lateRefusal = named === null ? findRefusal(request, form) : null;
  if (lateRefusal !== null) return lateRefusal;

  const sent = address.dialect === "hubspot" ? flattenHubspot(body.fields) : body.fields;
  const sorted = sortFields(form, sent);
  if (isEmpty(sorted)) return EMPTY;
  const site = findSite(request, form);
  const next = chooseNext(form, sorted.controls, site) ?? thanksPage(request);
  return { ok: true, request, form, site, entries: body.entries, next, ...sorted };
}

/** Why a form accepts nothing, or nothing from this page; null when it does. */
function findRefusal(request: Request, form: Form): Refusal | null {
  if (!form.active) return INACTIVE;
  const { kind } = findSite(request, form);
  if (kind === "refused") return BLOCKED;
  return kind === "unknown" && !form.allowMissingOrigin ? BLOCKED : null;
}

/** Which page a post comes from, as far as the browser tells. */
export type Site =
  /** A page that may post this form; its origin. */
  | { readonly kind: "allowed"; readonly origin: string }
  /** The router's own page, on which a refused form can be sent again. */
  | { readonly kind: "own" }
  /** Nothing tells: privacy tools, other servers, pages opened from a file. Accepted where the form allows it. */
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly origin: string };

/** By `Origin`, else by `Referer`. Says nothing about callers other than browsers: those send what they like. */
export function findSite(request: Request, form: Form): Site {
  const page = originOf(request.headers.get("Origin")) ?? originOf(request.headers.get("Referer"));
  if (page === null) return { kind: "unknown" };
  if (page.origin === new URL(request.url).origin) return { kind: "own" };
  const isAllowed = form.allowedOrigins.length === 0 || isListed(page.host, form.allowedOrigins);
  return { kind: isAllowed ? "allowed" : "refused", origin: page.origin };
}

function originOf(header: string | null): URL | null {
  const url = header === null ? null : URL.parse(header);
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : null;
}

/**
 * Where the visitor goes next, as an absolute URL; null when neither form nor visitor says. What the form itself asks for is
 * anybody's to write, so it counts only as a path on the page's own site, or as a URL on a host of the form's list; else the
 * form's page.
 */
function chooseNext(
  { allowedOrigins, thanks }: Form,
  controls: Readonly<Record<string, unknown>>,
  site: Site,
): string | null {
  for (const name of REDIRECT_NAMES) {
    const asked = controls[name];
    const next = typeof asked === "string" ? resolve(asked.trim(), allowedOrigins, site) : null;
    if (next !== null) return next;
  }
  return thanks === null ? null : new URL(thanks).href;
}

function resolve(asked: string, listed: readonly string[], site: Site): string | null {
  if (asked.startsWith("/")) return resolvePath(asked, site);
  const url = readWebUrl(asked);
  return url !== null && isListed(url.host, listed) ? url.href : null;
}

function resolvePath(path: string, site: Site): string | null {
  if (site.kind !== "allowed" || /^\/\/|[\\\s\p{Cc}]/u.test(path)) return null;
  const url = URL.parse(path, site.origin);
  return url?.origin === site.origin ? url.href : null;
}
