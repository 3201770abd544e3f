type Fields = Readonly<Record<string, unknown>>;

/** HubSpot's number for companies: such a field is the company's, not the person's. */
const COMPANY = "0-2";
/** How its newer forms name a property of a person or a company: "0-1/email", "0-2/domain". */
const QUALIFIED = /^(?<type>0-[12])\/(?<property>.+)$/s;

/**
 * A submission to HubSpot's Forms API as plain fields: `fields: [{ objectTypeId, name, value }]` by their names, those of the
 * company under "company.", and `context` (page and cookie) beside them. What a plain HTML form sent has the same names; its
 * hidden `hs_context` is the same context as JSON.
 */
export function flattenHubspot(sent: Fields): Record<string, unknown> {
  const { fields: list, context, hs_context: hidden, ...rest } = sent;
  const flat: Record<string, unknown> = Object.create(null);
  for (const field of Array.isArray(list) ? list : []) addField(flat, field);
  for (const [name, value] of Object.entries(rest)) {
    const free = [placeOf(name, null), name].find((place) => !Object.hasOwn(flat, place));
    if (free !== undefined) flat[free] = value;
  }
  const around = [toObject(context), toObject(parse(hidden))];
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
  const place = placeOf(name, objectTypeId);
  flat[place] = Object.hasOwn(flat, place) ? [flat[place], value].flat() : value;
}

function placeOf(name: string, objectTypeId: unknown): string {
  const { type = objectTypeId, property = name } = QUALIFIED.exec(name)?.groups ?? {};
  return type === COMPANY ? `company.${property}` : property;
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
