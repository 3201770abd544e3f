/** Columns per line in the docs. */
const WIDTH = 100;

/**
 * The parts of an answer that are shown, by the path of an object or a list: "" = the answer, "decisions.*" = each of its
 * decisions. For an object these keys, for a list the items at these indexes; the rest is left out. An object or a list that
 * has no entry is shown in full.
 */
export type Shown = Readonly<Record<string, readonly (string | number)[]>>;

/** JSON for people: on one line if it fits, and with … where something is left out. Nothing else is changed. */
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
