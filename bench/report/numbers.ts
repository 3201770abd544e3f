import { ratioOf, type Figure } from "../bench.ts";

/** A number to three digits, thousands apart: "12,345", "123", "12.3", "1.23", "0.0123". */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  if (size >= 0.01) return String(Number(value.toPrecision(3)));
  return String(Number(value.toPrecision(2)));
}

/** With its unit: "$7.62", "1,234 requests/s". */
export function formatQuantity(value: number, unit: string): string {
  return unit === "$" ? `$${value.toFixed(2)}` : `${formatNumber(value)} ${unit}`;
}

/** "1,234 requests/s", and how far the rounds lay apart: "± 4 %". */
export function formatValue({ value, unit, spread }: Figure): string {
  const shown = formatQuantity(value, unit);
  if (spread === null || value === 0) return shown;
  const apart = Math.max(spread.max - value, value - spread.min) / Math.abs(value);
  return `${shown} ± ${Math.round(apart * 100)} %`;
}

export function formatReference({ reference, unit }: Figure): string {
  return reference === undefined
    ? ""
    : `${formatQuantity(reference.value, unit)} (${reference.name})`;
}

export function formatRatio(figure: Figure): string {
  const ratio = ratioOf(figure);
  return ratio === null ? "" : `${formatNumber(ratio)} ×`;
}

/** "≥ 0.9 ×", "≤ 6 rows" */
export function formatTarget({ target, unit }: Figure): string {
  if (target === undefined) return "";
  const sign = target.at === "least" ? "≥" : "≤";
  const limit =
    target.of === "ratio" ? `${formatNumber(target.limit)} ×` : formatQuantity(target.limit, unit);
  return `${sign} ${limit}`;
}
