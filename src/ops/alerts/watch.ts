import { failureMessage } from "../../lib/failure.ts";
import { transaction } from "../../lib/query.ts";
import { notifyOpsOnce, opsMessage, type SlackMessage } from "../../notify/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { dropOldDeadLetters } from "../../record/dead-letters.ts";
import { alertEvent, appendCommit, insertEvents } from "../../record/events.ts";
import { type Alert, type AlertName, ALERTS } from "./alert.ts";
import { stepAlert } from "./alert-state.ts";
import {
  type AlertState,
  dropQuiet,
  keepStates,
  markTold,
  type NamedState,
  type News,
} from "../../record/alerts.ts";
import { measureAlerts, readLimits } from "./measure.ts";

/**
 * Looks whether a limit was reached or is kept again, and tells ops: once each, also when Slack was away meanwhile. Runs after the
 * rollup, beside the sweep, and never rejects: what is not done now is done in a minute. Writes nothing while all is well.
 */
export async function watchAlerts(deps: Deps): Promise<void> {
  try {
    const limits = readLimits(deps);
    const look = await measureAlerts(deps);
    const now = deps.now();
    const stood = ALERTS.map(({ name }) => {
      const [before, value] = [look.stateOf(name), look.valueOf(name)];
      const limit = limits.get(name) ?? null;
      return { name, value, limit, before, state: stepAlert(before, value, limit, now) };
    });
    const changed = stood.filter(({ before, state }) => !isSame(before, state));
    for (const { name, value, limit, before, state } of changed)
      if (state.news !== null && state.news !== before.news)
        deps.log("warn", "alert", { alert: name, state: state.news, value, limit });
    await transaction(deps.db, [
      ...(changed.length > 0 ? [keepStates(changed), dropQuiet()] : []),
      dropOldDeadLetters(now),
    ]);
    await tell(deps, stood);
  } catch (error) {
    deps.log("error", "alerts_not_checked", { error: failureMessage(error) });
  }
}

interface Stood extends NamedState<AlertName> {
  readonly value: number | null;
  readonly limit: number | null;
}

async function tell(deps: Deps, stood: readonly Stood[]): Promise<void> {
  const untold = stood.filter(({ state }) => state.news !== null);
  if (untold.length === 0) return;
  const message = alertMessage(untold.flatMap(toNews));
  const line = { event: "alerts_not_told", detail: { count: untold.length } };
  await notifyOpsOnce(deps, message, line, (cause) => record(deps, untold, cause));
}

function toNews({ name, value, limit, state: { news, raisedAt, calmSince } }: Stood): AlertNews[] {
  return news === null || limit === null ? [] : [{ name, news, value, limit, raisedAt, calmSince }];
}

/** @param untold why ops could not be told; null = they were */
async function record(deps: Deps, stood: readonly Stood[], untold: string | null): Promise<void> {
  const now = deps.now();
  const events = stood.map(({ name, value, limit, state }) =>
    alertEvent(deps.newId(), name, now, { state: state.news, value, limit, untold }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    markTold(stood, now),
    dropQuiet(),
  ]);
}

function isSame(one: AlertState, other: AlertState): boolean {
  return (
    one.raisedAt === other.raisedAt &&
    one.calmSince === other.calmSince &&
    one.news === other.news &&
    one.toldAt === other.toldAt &&
    one.toldValue === other.toldValue
  );
}

/** An alert of which ops have still to hear. */
interface AlertNews extends Pick<AlertState, "raisedAt" | "calmSince"> {
  readonly name: AlertName;
  readonly news: News;
  /** As it was measured last; null = it cannot be told. */
  readonly value: number | null;
  readonly limit: number;
}

/** Tells ops of limits that were reached, still are, or are not any more. Nothing in it was sent by anybody. */
function alertMessage(news: readonly AlertNews[]): SlackMessage {
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
