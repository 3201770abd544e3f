import { isHoneypotName } from "../../rules/own-fields.ts";
import type { Form } from "../../rules/form.ts";

/** What a checkbox that nobody ticked is sent as by some scripts. */
const OFF = new Set(["", "false", "0", "off", "no"]);

/** Whether somebody filled a field in: blanks, `false` and null are nothing, nor is a list of them. */
export function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isSomething) : isSomething(value);
}

// What is nested deeper is no form's, and looked into no further: it may be as deep as a body is long.
function isSomething(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return value !== undefined && value !== null && value !== false;
}

/** Whether a box is ticked: `on`, `true`, `1`; "false" and "0" are none. */
export function isTicked(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isOn) : isOn(value);
}

function isOn(value: unknown): boolean {
  if (typeof value === "string") return !OFF.has(value.trim().toLowerCase());
  return isSomething(value) && value !== 0;
}

/** Whether a field is a trap in this form: people do not see it, programs fill it. */
export function isHoneypot({ honeypot }: Form, name: string): boolean {
  return name === honeypot || isHoneypotName(name);
}

/** The name of the trap that was sprung, "honeypot" for a name that only holds that word and is anybody's; null when none was. */
export function findSprungHoneypot(
  form: Form,
  controls: Readonly<Record<string, unknown>>,
): string | null {
  const sprung = ([name, value]: readonly [string, unknown]): boolean =>
    // The one that is a checkbox.
    isHoneypot(form, name) && (name === "botcheck" ? isTicked(value) : isFilled(value));
  const name = Object.entries(controls).find(sprung)?.[0] ?? null;
  if (name === null || name === form.honeypot || !name.toLowerCase().includes("honeypot"))
    return name;
  return "honeypot";
}
