import { opsMessage, type SlackMessage } from "../../notify/index.ts";
import { ALERTS, type Alert, type AlertName } from "./alert.ts";
import type { AlertState, News } from "./step.ts";

/** An alert of which ops have still to hear. */
export interface AlertNews extends Pick<AlertState, "raisedAt" | "calmSince"> {
  readonly name: AlertName;
  readonly news: News;
  /** As it was measured last; null = it cannot be told. */
  readonly value: number | null;
  readonly limit: number;
}

/** Tells ops of limits that were reached, still are, or are not any more. Nothing in it was sent by anybody. */
export function alertMessage(news: readonly AlertNews[]): SlackMessage {
  const [first] = news;
  const alarming = news.filter((one) => one.news !== "over");
  const title =
    news.length > 1
      ? `${news.length} alerts of the lead router`
      : first?.news === "over"
        ? "An alert of the lead router is over"
        : "An alert of the lead router";
  const note =
    alarming.length === 0
      ? "You are told again when a limit is reached."
      : "You are told when it is over or gets far worse, and once a day until then. GET /api/alerts has the values of now.";
  return opsMessage(title, news.map(lineOf), note);
}

function lineOf({ name, news, value, limit, raisedAt, calmSince }: AlertNews): string {
  const alert = ALERTS.find((one) => one.name === name);
  if (alert === undefined) return name;
  const kept = `${alert.variable} (${measureOf(limit, alert)})`;
  const now = value === null ? "unknown" : measureOf(value, alert);
  const is =
    value === null
      ? `${kept} was reached; the value of now cannot be told. ${alert.look}`
      : `${alert.title} ${now}; the limit is ${measureOf(limit, alert)}. ${alert.look}`;
  switch (news) {
    case "raised":
      return is;
    case "standing":
      return `Still: ${is}`;
    case "worse":
      return `Far worse: ${is}`;
    case "over":
      return raisedAt === null || calmSince === null
        ? `Over: ${kept} is kept again, now ${now}.`
        : `Over before you could be told: ${kept} was not kept from ${minuteOf(raisedAt)} to ${minuteOf(calmSince)}, now ${now}.`;
  }
}

/** "2026-11-23 09:32 UTC" */
function minuteOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** "75 s", "12 min", "34 %", "3 leads" */
function measureOf(value: number, { unit }: Alert): string {
  switch (unit) {
    case "seconds":
      return value < 180 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
    case "share":
      return `${Math.round(value * 1_000) / 10} %`;
    case "leads":
      return value === 1 ? "1 lead" : `${value} leads`;
  }
}
