type Fields = Readonly<Record<string, unknown>>;

/** HubSpot's number for companies: such a field is the company's, not the person's. */
const COMPANY = "0-2";

/**
 * A submission to HubSpot's Forms API as plain fields: `fields: [{ objectTypeId, name, value }]` by their names, those of the
 * company under "company.", and `context` (page and cookie) beside them. What a plain HTML form sent stays as it is; its
 * hidden `hs_context` is the same context as JSON.
 */
export function flattenHubspot(sent: Fields): Record<string, unknown> {
  const { fields: list, context, hs_context: hidden, ...rest } = sent;
  const flat: Record<string, unknown> = Object.create(null);
  for (const field of Array.isArray(list) ? list : []) addField(flat, field);
  const around = [rest, toObject(context), toObject(parse(hidden))];
  for (const [name, value] of around.flatMap((object) => Object.entries(object ?? {})))
    if (!Object.hasOwn(flat, name)) flat[name] = value;
  // Of another shape than HubSpot's: kept as it is.
  if (list !== undefined && !Array.isArray(list)) flat["fields"] = list;
  if (context !== undefined && toObject(context) === null) flat["context"] = context;
  if (hidden !== undefined && toObject(parse(hidden)) === null) flat["hs_context"] = hidden;
  return flat;
}

function addField(flat: Record<string, unknown>, field: unknown): void {
  const { name, value, objectTypeId } = toObject(field) ?? {};
  if (typeof name !== "string") return;
  const place = objectTypeId === COMPANY ? `company.${name}` : name;
  flat[place] = Object.hasOwn(flat, place) ? [flat[place], value].flat() : value;
}

function toObject(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function parse(text: unknown): unknown {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
