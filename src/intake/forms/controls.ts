import type { Form } from "../../rules/form.ts";
import {
  dropOwnFields,
  FORM_FIELD,
  isControlName,
  isHoneypotName,
  REPLY_NAMES,
} from "../../rules/own-fields.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A submission, sorted. Neither object has a prototype. */
export interface Sorted {
  /** What the visitor said, under the form's other names for it. */
  readonly fields: Record<string, unknown>;
  /** What controls the form: none of it is stored. */
  readonly controls: Record<string, unknown>;
}

/** Separates the fields that control the form from what is said in it. */
export function sortFields(form: Form, sent: Fields): Sorted {
  const fields: Record<string, unknown> = Object.create(null);
  const controls: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(sent)) {
    if (isControl(form, name)) controls[name] = value;
    else fields[name] = value;
  }
  for (const [name, alias] of form.fieldAliases) {
    // Both sent: each stays what it was called.
    if (!Object.hasOwn(fields, name) || Object.hasOwn(fields, alias)) continue;
    fields[alias] = fields[name];
    delete fields[name];
  }
  dropOwnFields(fields);
  return { fields, controls };
}

/** Whether a field of this name controls this form. */
export function isControl(form: Form, name: string): boolean {
  return isControlName(name) || isHoneypot(form, name);
}

/** Whether a field is a trap in this form: people do not see it, programs fill it. */
export function isHoneypot({ honeypot }: Form, name: string): boolean {
  return name === honeypot || isHoneypotName(name);
}

/** Whether nothing was said: an address to reply to is something. */
export function isEmpty({ fields, controls }: Sorted): boolean {
  return Object.keys(fields).length === 0 && !REPLY_NAMES.some((name) => isFilled(controls[name]));
}

/** The fields that are read as the lead, and the address to reply to, which is the visitor's where no other is filled. */
export function fieldsToRead({ fields, controls }: Sorted): Record<string, unknown> {
  const read: Record<string, unknown> = Object.assign(Object.create(null), fields);
  for (const name of REPLY_NAMES) if (isFilled(controls[name])) read[name] = controls[name];
  return read;
}

/** The fields to store: without what only stood in for another, and with the form's mark. */
export function fieldsToStore({ key }: Form, fields: Fields): Record<string, unknown> {
  const stored = Object.entries(fields).filter(([name]) => !REPLY_NAMES.includes(name));
  return { ...Object.fromEntries(stored), [FORM_FIELD]: key };
}

/** Values that some scripts send for an unticked checkbox. */
const OFF = new Set(["", "false", "0", "off", "no"]);

/** Whether somebody filled a field in: blanks, `false` and null are nothing, nor is a list of them. */
export function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isSomething) : isSomething(value);
}

// Forms nest no deeper, so no deeper level is looked into: it may be as deep as a body is long.
function isSomething(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return value !== undefined && value !== null && value !== false;
}

/** Whether a box is ticked: by `on`, `true` or `1`, not by "false" or "0". */
export function isTicked(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isOn) : isOn(value);
}

function isOn(value: unknown): boolean {
  if (typeof value === "string") return !OFF.has(value.trim().toLowerCase());
  return isSomething(value) && value !== 0;
}
