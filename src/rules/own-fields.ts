// Fields by which the router marks a lead. Rules route by them, so no sender may set them, at any endpoint.

/** The form that a lead came through. */
export const FORM_FIELD = "_form";
/** The webhook that a lead came by. */
export const SOURCE_FIELD = "_source";
/** Set to true where only the beginning of what was sent is kept. */
export const CLIPPED_FIELD = "_clipped";

const OWN_FIELDS = [FORM_FIELD, SOURCE_FIELD, CLIPPED_FIELD];

/** Whether a field of this name is the router's own. */
function isOwnField(name: string): boolean {
  return OWN_FIELDS.includes(name);
}

/** Drops from what somebody sent what only the router may say. */
export function dropOwnFields(sent: Record<string, unknown>): void {
  for (const name of OWN_FIELDS) delete sent[name];
}

// Names by which forms of other services steer the service. None of them is part of the lead.

/** Where the visitor is to go next, the preferred first. */
export const REDIRECT_NAMES: readonly string[] = [
  "_next",
  "_redirect",
  "redirect",
  "redirectTo",
  "redirect_to",
  "retURL",
];

/** The visitor's address, where no field for it is filled. */
export const REPLY_NAMES: readonly string[] = ["_replyto", "_reply_to", "replyto", "replyTo"];

/** Whose form it is, by service. */
export const FORM_NAMES = {
  web3forms: ["access_key", "apikey", "apiKey", "accessKey"],
  netlify: ["form-name"],
  salesforce: ["oid"],
} as const;

export const TURNSTILE_NAME = "cf-turnstile-response";

/** Whether the lead is only a test. */
export const TEST_NAME = "_test";

/** A URL that the visitor wants called: never. */
export const WEBHOOK_NAME = "_webhook";

/** Answers of captchas: checked or not, nothing to keep. */
const CAPTCHA_NAMES: readonly string[] = [
  TURNSTILE_NAME,
  "g-recaptcha-response",
  "h-captcha-response",
  "altcha",
  "captcha_settings",
];

/** Honeypots that every form has, beside each name that holds "honeypot". */
const HONEYPOT_NAMES = new Set(["_gotcha", "botcheck", "_honey", "bot-field"]);

/** Controls of other services that mean nothing here: how a mail looks, who gets a copy, which check to skip. */
const IGNORED_NAMES: readonly string[] = [
  "_subject",
  "_cc",
  "cc",
  "ccemail",
  "from_name",
  "_template",
  "_autoresponse",
  "_format",
  "_language",
  "_blacklist",
  "_captcha",
  "debug",
  "debugEmail",
];

const NAMES = new Set([
  ...REDIRECT_NAMES,
  ...REPLY_NAMES,
  ...Object.values(FORM_NAMES).flat(),
  ...CAPTCHA_NAMES,
  ...IGNORED_NAMES,
  TEST_NAME,
  WEBHOOK_NAME,
]);

/** Whether a field of this name is a trap in every form. */
export function isHoneypotName(name: string): boolean {
  return HONEYPOT_NAMES.has(name) || name.toLowerCase().includes("honeypot");
}

/** Whether a field of this name answers a captcha: good for one try. */
export function isCaptchaName(name: string): boolean {
  return CAPTCHA_NAMES.includes(name);
}

/** Whether a field of this name steers, in every form, and is no part of the lead. */
export function isControlName(name: string): boolean {
  return NAMES.has(name) || isOwnField(name) || isHoneypotName(name);
}
