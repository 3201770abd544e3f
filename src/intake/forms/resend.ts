import { html } from "hono/html";
import { isCaptchaName, REDIRECT_NAMES } from "../../rules/own-fields.ts";
import type { FieldError, Html, Refusal } from "../answer.ts";
import { findField } from "../draft/field-names.ts";
import { isControl } from "./controls.ts";
import type { FormPost } from "./post.ts";

/** `html` by a name that the formatter leaves alone: a textarea swallows the line break after its tag, so there has to be one. */
const box = html;

/** Characters that a line of input shows at a time, about; a longer text gets a box. */
const LINE_LENGTH = 80;

/**
 * What the visitor sent, as a form to send again to the same address. What controls the form is kept, hidden; where to go next as
 * it was found, because a path means another site here. The captcha's answer is not kept: it was good for one try. Nor are files.
 */
export function renderResend(post: FormPost, { errors }: Refusal): Html {
  const { request, form, entries, next } = post;
  const texts = entries.flatMap(([name, value]) =>
    typeof value === "string" && !isCaptchaName(name) && !REDIRECT_NAMES.includes(name)
      ? [{ name, value }]
      : [],
  );
  const hidden = texts.filter(({ name }) => isControl(form, name));
  const shown = texts.filter(({ name }) => !isControl(form, name));
  return html`<form method="post" action="${request.url}">
    ${[...hidden, { name: "_next", value: next }].map(
      ({ name, value }) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    ${shown.map(({ name, value }, at) => renderField(name, value, `field-${at}`, errors))}
    ${entries.some(([, value]) => typeof value !== "string") ? html`<p>Attached files are not sent again.</p>` : ""}
    <p><button type="submit">Send again</button></p>
  </form>`;
}

function renderField(name: string, value: string, id: string, errors: readonly FieldError[]): Html {
  const error = errors.find(({ field }) => field === name);
  const state = error === undefined ? "" : html`aria-invalid="true" aria-describedby="${id}-error"`;
  const isLong = value.includes("\n") || value.length > LINE_LENGTH;
  const control = isLong
    ? box`<textarea id="${id}" name="${name}" rows="6" cols="60" ${state}>\n${value}</textarea>`
    : html`<input
        id="${id}"
        name="${name}"
        type="${typeOf(name)}"
        size="60"
        value="${value}"
        ${state}
      />`;
  return html`<p>
    <label for="${id}">${name}</label><br />
    ${control}
    ${error === undefined ? "" : html`<br /><span id="${id}-error">${error.message}</span>`}
  </p>`;
}

function typeOf(name: string): string {
  const field = findField(name);
  return field === "email" ? "email" : field === "phone" ? "tel" : "text";
}
