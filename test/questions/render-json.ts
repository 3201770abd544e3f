/** Columns of a line of the docs. */
const WIDTH = 100;

/**
 * What is shown of an answer, by the path of an object or a list: "" = the answer, "decisions.*" = each of its decisions. Of an
 * object these keys, of a list the items at these places; the rest is left out whole. What has no entry is shown whole.
 */
export type Shown = Readonly<Record<string, readonly (string | number)[]>>;

/** JSON for people: what fits on a line is on one, and … stands where something is left out. Nothing else is changed. */
export function renderJson(value: unknown, shown: Shown = {}): string {
  return render(value, shown, [], 0, 0);
}

function render(
  value: unknown,
  shown: Shown,
  path: readonly string[],
  indent: number,
  before: number,
): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const wanted = shown[path.join(".")];
  const entries = Object.entries(value);
  const kept = entries.filter(
    ([key]) => wanted === undefined || wanted.includes(isList ? Number(key) : key),
  );
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) return open + close;
  const renderAll = (inner: number) => [
    ...kept.map(([key, item]) => {
      const name = isList ? "" : `${JSON.stringify(key)}: `;
      return name + render(item, shown, [...path, isList ? "*" : key], inner, inner + name.length);
    }),
    ...(kept.length < entries.length ? ["…"] : []),
  ];
  const line = isList ? `[${renderAll(0).join(", ")}]` : `{ ${renderAll(0).join(", ")} }`;
  // A comma may follow.
  if (before + line.length < WIDTH && !line.includes("\n")) return line;
  const pad = " ".repeat(indent);
  const lines = renderAll(indent + 2).map((part) => `${pad}  ${part}`);
  return `${open}\n${lines.join(",\n")}\n${pad}${close}`;
}
