// What rules.ts may import, as "lead-router".

export { chain, type Chain } from "./chain.ts";
export type { Conditions, Range } from "./conditions.ts";
export type { CountryCode } from "./country-code.ts";
export { rule, type LeadPredicate } from "./custom-rule.ts";
export type { CalendarDate } from "./holidays.ts";
export { form, type CaptchaSettings, type Dialect, type Form, type FormSettings } from "./form.ts";
export { destination, type Destination, type DestinationSettings } from "./destination.ts";
export type { EventType } from "./event-type.ts";
export { fallback } from "./fallback.ts";
export type { Lead } from "./lead.ts";
export { matchedAccount, type MatchedAccountOptions } from "./matched-account.ts";
export { pod, type Pod, type PodSettings } from "./pod.ts";
export type { AccountOwner, Facts, MatchedAccount, Rule, Verdict } from "./rule.ts";
export { score, type ScoreBand } from "./score.ts";
export { territory } from "./territory.ts";
export type { Duration } from "./wait.ts";
export {
  source,
  type Sender,
  type SettingsOf,
  type Source,
  type SourceSettings,
} from "./source.ts";
