/**
 * What a line of the log may name. A closed set, so that nobody logs a lead's e-mail address by spreading an object: what is to
 * be logged gets a name here first. Anybody who adds one makes sure that its values hold no personal data and no secret.
 */
type Word =
  // Who and what it is about: ids, and names that rules.ts or wrangler.toml gives.
  | "leadId"
  | "pod"
  | "rule"
  | "outcome"
  | "door"
  | "form"
  | "source"
  | "destination"
  | "channel"
  | "channels"
  | "setting"
  | "job"
  | "secret"
  | "export"
  | "alert"
  | "state"
  | "reason"
  | "doubt"
  | "why"
  | "since"
  | "path"
  | "method"
  /** A UTC day of the audit and its digest. */
  | "day"
  | "digest"
  // What went wrong: a failureMessage, a FailureClass, or words of our own.
  | "error"
  | "failure"
  | "cause"
  /** Error codes of Cloudflare Turnstile. */
  | "codes";

/** Counts, milliseconds, and answers of yes or no. */
type Figure =
  | "generation"
  | "epoch"
  | "version"
  | "attempt"
  | "attempts"
  | "tries"
  | "try"
  | "seq"
  | "status"
  | "count"
  | "rows"
  | "commit"
  | "missing"
  | "misnumbered"
  | "leads"
  | "pods"
  | "claims"
  | "decisions"
  | "events"
  | "messages"
  | "alarms"
  | "troubles"
  | "value"
  | "limit"
  /** How long the work of this line took. */
  | "ms"
  /** From the lead's arrival until this line's work was done. */
  | "sinceReceivedMs";

type Flag =
  /** Whether D1 did not take the lead in time, so that the queue carries all of it. */
  | "spilled"
  /** Whether a webhook's delivery was kept for later. */
  | "kept";

/** What must not get in by spreading a lead, a rep or a request either: there the compiler does not count a name too many. */
type Personal =
  | "email"
  | "phone"
  | "name"
  | "company"
  | "fields"
  | "slackUserId"
  | "note"
  | "body"
  | "headers"
  | "url"
  | "token";

export type LogDetail = Readonly<
  Partial<
    Record<Word, string | null> &
      Record<Figure, number | null> &
      Record<Flag, boolean> &
      Record<Personal, never>
  >
>;

/** One line of the log: ids, kinds and numbers only, never personal data. */
export type Log = (level: "info" | "warn" | "error", event: string, detail?: LogDetail) => void;

/**
 * The trace id of a lead: its UUIDv7 without dashes is a W3C trace id (32 hexadecimal digits, not all zero; W3C Trace Context,
 * "trace-id"), so no hop has to carry one. A search for it shows the lead's way through every queue and pod.
 */
export function traceOf(leadId: string): string {
  return leadId.replaceAll("-", "");
}

/** Writes to the Worker's log: one line of JSON each. A line about a lead has its `trace`. */
export const writeLog: Log = (level, event, detail) => {
  const leadId = detail?.leadId;
  const trace = typeof leadId === "string" ? { trace: traceOf(leadId) } : null;
  console[level](JSON.stringify({ event, ...trace, ...detail }));
};

const writeWarnings: Log = (level, event, detail) => {
  if (level !== "info") writeLog(level, event, detail);
};

/** The log at the level of a variable's value: "warn" leaves out what is healthy, anything else writes all. */
export function logAt(level: unknown): Log {
  return level === "warn" ? writeWarnings : writeLog;
}
