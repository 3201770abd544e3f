/** Values that nobody but their owner may see: what a person typed, what ops keep secret. Each is found nowhere by accident. */
export const PERSON = {
  email: "canary-jane@canary-mail.test",
  phone: "+49 30 771177",
  name: "Canarina Janesdottir",
  message: "canary-free-text about my illness",
} as const;
/** The phone as it is stored. */
const STORED_PHONE = "4930771177";

export const REP = {
  name: "Canarius Repson",
  email: "canary-rep@canary-reps.test",
  note: "canary-note: surgery",
} as const;

export const SECRETS = {
  API_TOKENS: "ana:write:canary-write-token,rolf:read:canary-read-token",
  SLACK_BOT_TOKEN: "xoxb-canary-bot-token",
  SLACK_WEBHOOK_URL: "https://slack.test/services/canary-assignments",
  SLACK_OPS_WEBHOOK_URL: "https://slack.test/services/canary-ops",
  CRM_URL: "https://canary-crm.example.com/hooks/canary-path",
  CRM_SECRET: "whsec_Y2FuYXJ5LXNlY3JldC1vZi10aGUtY3Jt",
  SECRET_A: "canary-sender-secret",
  TURNSTILE: "0x-canary-turnstile-secret",
} as const;
export const WRITER = "canary-write-token";
export const TURNSTILE_TOKEN = "canary-turnstile-answer";
export const IDEMPOTENCY_KEY = "canary-idempotency-key";

const ALL = [
  ...Object.values(PERSON),
  STORED_PHONE,
  ...Object.values(REP),
  ...Object.values(SECRETS),
  WRITER,
  "canary-read-token",
  TURNSTILE_TOKEN,
  IDEMPOTENCY_KEY,
];

/** Those that a text gives away, also in part, in another case or in an URL's escapes. */
export function findCanaries(text: string): string[] {
  const texts = [text, decode(text)].map((one) => one.toLowerCase());
  return ["canary", "canarius", "canarina", ...ALL].filter((canary) =>
    texts.some((one) => one.includes(canary.toLowerCase())),
  );
}

function decode(text: string): string {
  return text.replaceAll("+", " ").replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  });
}

/** An error as libraries write them: everything that was at hand is quoted, in the message, the name and the cause. */
export function quotingError(): Error {
  const quoted = [...ALL].join(" ");
  const cause = new Error(`canary cause ${quoted}`);
  const error = new Error(`D1_ERROR: near "${quoted}": syntax error: SQLITE_ERROR`, { cause });
  return Object.assign(error, { name: `Canary${PERSON.email}` });
}
