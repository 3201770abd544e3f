import { isRecord, type JsonRecord } from "../../lib/json.ts";
import { type Dialect, findForm, type Form } from "../../rules/form.ts";
import { FORM_NAMES } from "../../rules/own-fields.ts";

// The markup of other services: where it posts to, how it names the form, and the one body that is not plain fields.

/** Where a form was posted to, in the ways of one service. */
export interface Address {
  readonly dialect: Dialect;
  /** What the URL calls the form, the preferred first; empty where only the body names it. */
  readonly names: readonly string[];
}

/** The paths of one kind of address. */
interface Shape {
  /** As Hono writes paths. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly names: (params: Readonly<Record<string, string>>, query: URLSearchParams) => unknown[];
}

/** Every address that a form can be posted to. `{key}` is the form's own key or its alias in that service's markup. */
export const SHAPES: readonly Shape[] = [
  { path: "/f/:key", dialect: "formspree", names: ({ key }) => [key] },
  {
    path: "/p/:project/f/:key",
    dialect: "formspree",
    names: ({ project, key }) => [`${project}/${key}`, key],
  },
  { path: "/submit", dialect: "web3forms", names: () => [] },
  { path: "/submit/:key", dialect: "web3forms", names: ({ key }) => [key] },
  { path: "/", dialect: "netlify", names: () => [] },
  {
    path: "/submissions/v3/integration/submit/:portal/:key",
    dialect: "hubspot",
    names: ({ key }) => [key],
  },
  {
    // Where its plain HTML forms go.
    path: "/uploads/form/v2/:portal/:key",
    dialect: "hubspot",
    names: ({ key }) => [key],
  },
  {
    path: "/servlet/servlet.WebToLead",
    dialect: "salesforce",
    // Its newer markup says so in the URL as well.
    names: (_, query) => [query.get("oid"), query.get("orgId")],
  },
];

/** The address that a request of this shape names. */
export function readAddress(
  { dialect, names }: Shape,
  params: Readonly<Record<string, string>>,
  url: string,
): Address {
  return { dialect, names: names(params, new URL(url).searchParams).filter(isString) };
}

/** The form that a URL names; null when it names none, or one that is not declared. */
export function findByUrl(forms: readonly Form[], { dialect, names }: Address): Form | null {
  for (const name of names) {
    const form = findForm(forms, dialect, name.trim());
    if (form !== null) return form;
  }
  return null;
}

/** The form that a body names. */
export function findByBody(
  forms: readonly Form[],
  { dialect }: Address,
  fields: Readonly<Record<string, unknown>>,
): Form | null {
  const places: Readonly<Partial<Record<Dialect, readonly string[]>>> = FORM_NAMES;
  const names = (places[dialect] ?? []).map((name) => fields[name]).filter(isString);
  return findByUrl(forms, { dialect, names });
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** HubSpot's number for companies: such a field is the company's, not the person's. */
const COMPANY = "0-2";
/** How its newer forms name a property of a person or a company: "0-1/email", "0-2/domain". */
const QUALIFIED = /^(?<type>0-[12])\/(?<property>.+)$/s;

/**
 * A submission to HubSpot's Forms API as plain fields: `fields: [{ objectTypeId, name, value }]` by their names, those of the
 * company under "company.", and `context` (page and cookie) beside them. What a plain HTML form sent has the same names; its
 * hidden `hs_context` is the same context as JSON.
 */
export function flattenHubspot(sent: JsonRecord): Record<string, unknown> {
  const { fields: list, context, hs_context: hidden, ...rest } = sent;
  const flat: Record<string, unknown> = Object.create(null);
  for (const field of Array.isArray(list) ? list : []) {
    const { name, value, objectTypeId }: JsonRecord = isRecord(field) ? field : {};
    if (typeof name !== "string") continue;
    const place = placeOf(name, objectTypeId);
    flat[place] = Object.hasOwn(flat, place) ? [flat[place], value].flat() : value;
  }
  for (const [name, value] of Object.entries(rest)) {
    const free = [placeOf(name, null), name].find((place) => !Object.hasOwn(flat, place));
    if (free !== undefined) flat[free] = value;
  }
  const contexts = { context, hs_context: parse(hidden) };
  const around = Object.values(contexts).filter(isRecord);
  for (const [name, value] of around.flatMap((object) => Object.entries(object)))
    if (!Object.hasOwn(flat, name)) flat[name] = value;
  // Of another shape than HubSpot's: kept as it is.
  if (list !== undefined && !Array.isArray(list)) flat["fields"] = list;
  if (context !== undefined && !isRecord(context)) flat["context"] = context;
  if (hidden !== undefined && !isRecord(contexts.hs_context)) flat["hs_context"] = hidden;
  return flat;
}

function placeOf(name: string, objectTypeId: unknown): string {
  const { type = objectTypeId, property = name } = QUALIFIED.exec(name)?.groups ?? {};
  return type === COMPANY ? `company.${property}` : property;
}

function parse(text: unknown): unknown {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
