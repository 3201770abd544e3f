import { isRecord } from "../lib/json.ts";
import { type Pod, type PodSettings, waitLimitMs } from "./pod.ts";
import type { Rule } from "./rule.ts";

// The chain as people say it, from the same data that is hashed into its version. Pure.

/** Most values of one condition that are listed: beyond, nobody reads them, and `definition` has them all. */
const LONGEST_LIST = 12;

const SUBJECTS: ReadonlyMap<string, string> = new Map([
  ["countryCode", "country"],
  ["companyDomain", "company domain"],
  ["company", "company name"],
]);

/** "country is DE, AT or CH → dach", "the account's owner, if they are there; else the next rule". */
export function describeRule(rule: Rule): string {
  return rule.pod === null ? describeWhen(rule) : `${describeWhen(rule)} → ${rule.pod.id}`;
}

/** Which leads a rule takes: "score is at least 80". Where the rule names the rep itself, also which rep. */
export function describeWhen({ kind, definition, catchesAll }: Rule): string {
  if (kind === "fallback") return "every lead that is left";
  if (kind === "matched_account")
    return definition["whenOwnerAway"] === "assign"
      ? "the account's owner, even when they are away"
      : "the account's owner, if they are there; else the next rule";
  const { conditions, predicate } = definition;
  if (typeof predicate === "string") return `${predicate} says yes`;
  const words = isRecord(conditions) ? describeConditions(conditions) : [];
  if (words.length > 0) return words.join(" and ");
  return catchesAll ? "every lead" : "what the rule's own code says";
}

/** What a pod's settings mean: "at most 15 leads a day each; a lead that nobody can take is passed on". */
export function describePod({ settings }: Pod): string {
  const { dailyCap, openCap, holidays = [], debitOutside = false } = settings;
  const caps = [
    ...(dailyCap === undefined ? [] : [`at most ${dailyCap} ${leads(dailyCap)} a day`]),
    ...(openCap === undefined ? [] : [`at most ${openCap} open ${leads(openCap)}`]),
  ];
  return [
    caps.length === 0
      ? "no caps but those of single members"
      : `${caps.join(" and ")} each, unless a member has a cap of their own`,
    ...(holidays.length === 0 ? [] : [`nobody takes leads on ${list(holidays, "and")}`]),
    describeWait(settings),
    ...(debitOutside ? ["a lead that a member gets past the rotation counts as their turn"] : []),
  ].join("; ");
}

function describeWait(settings: PodSettings): string {
  const nobody = "a lead that nobody can take";
  const limit = waitLimitMs(settings);
  return limit === null
    ? `${nobody} is passed on`
    : `${nobody} waits up to ${describeDuration(limit)} for somebody, then is passed on`;
}

function describeDuration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(minutes / (24 * 60)), "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ];
  const words = parts.flatMap(([count, unit]) =>
    count === 0 ? [] : [`${count} ${unit}${count === 1 ? "" : "s"}`],
  );
  return list(words, "and");
}

function describeConditions(conditions: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(conditions).flatMap(([key, wanted]) =>
    key === "fields" && isRecord(wanted)
      ? Object.entries(wanted).map(([name, tests]) => `${quote(name)} ${describeTests(tests)}`)
      : [`${SUBJECTS.get(key) ?? key} ${describeTests(wanted)}`],
  );
}

function describeTests(wanted: unknown): string {
  return `is ${list([wanted].flat().map(describeTest), "or")}`;
}

function describeTest(test: unknown): string {
  if (test === "none") return "missing";
  if (!isRecord(test)) return quote(String(test));
  const { min, max } = test;
  if (min === undefined) return `at most ${String(max)}`;
  return max === undefined ? `at least ${String(min)}` : `from ${String(min)} to ${String(max)}`;
}

/** Text with a space or a comma in it would run into the words around it. */
function quote(text: string): string {
  return /^[\p{L}\p{N}_.-]+$/u.test(text) ? text : JSON.stringify(text);
}

function list(words: readonly string[], joint: "and" | "or"): string {
  const rest = words.length - LONGEST_LIST;
  const shown = rest > 1 ? [...words.slice(0, LONGEST_LIST), `${rest} more`] : words;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} ${joint} ${last}`;
}

function leads(count: number): string {
  return count === 1 ? "lead" : "leads";
}
