import { FORM_NAMES } from "../../rules/own-fields.ts";
import { type Dialect, findForm, type Form } from "../../rules/form.ts";

/** Where a form was posted to, in the ways of one service. */
export interface Address {
  readonly dialect: Dialect;
  /** What the URL calls the form, the preferred first; empty where only the body does. */
  readonly names: readonly string[];
}

interface Shape {
  /** As Hono writes paths. */
  readonly path: string;
  readonly dialect: Dialect;
  readonly names: (params: Readonly<Record<string, string>>, query: URLSearchParams) => unknown[];
}

/** Every address that takes a form. `{key}` is the form's own key or its alias in that service's markup. */
const SHAPES: readonly Shape[] = [
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

/** The paths to mount. */
export const PATHS: readonly string[] = SHAPES.map(({ path }) => path);

/** The address that a request of this path names. */
export function readAddress(
  path: string,
  params: Readonly<Record<string, string>>,
  url: string,
): Address {
  const shape = SHAPES.find((candidate) => candidate.path === path);
  if (shape === undefined) throw new Error(`no form is posted to ${path}`);
  const names = shape.names(params, new URL(url).searchParams);
  return { dialect: shape.dialect, names: names.filter((name) => typeof name === "string") };
}

/** The form that a URL names; null when it names none, or none that there is. */
export function findByUrl(forms: readonly Form[], { dialect, names }: Address): Form | null {
  return firstForm(forms, dialect, names);
}

/** The form that a body names. */
export function findByBody(
  forms: readonly Form[],
  { dialect }: Address,
  fields: Readonly<Record<string, unknown>>,
): Form | null {
  const places: Readonly<Partial<Record<Dialect, readonly string[]>>> = FORM_NAMES;
  const names = (places[dialect] ?? []).map((name) => fields[name]);
  return firstForm(
    forms,
    dialect,
    names.filter((name) => typeof name === "string"),
  );
}

function firstForm(
  forms: readonly Form[],
  dialect: Dialect,
  names: readonly string[],
): Form | null {
  for (const name of names) {
    const form = findForm(forms, dialect, name.trim());
    if (form !== null) return form;
  }
  return null;
}
