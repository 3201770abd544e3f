// What rules.ts may import, as "lead-router".

export { chain, type Chain } from "./chain.ts";
export type { Conditions, Range } from "./conditions.ts";
export type { CountryCode } from "./country-code.ts";
export { rule, type LeadPredicate } from "./custom-rule.ts";
export type { CalendarDate } from "./pod.ts";
export { form, type CaptchaSettings, type Dialect, type Form, type FormSettings } from "./form.ts";
export { destination, type Destination, type DestinationSettings } from "./destination.ts";
export type { EventType } from "./destination.ts";
export { fallback } from "./conditional-rules.ts";
export type { Lead } from "./lead.ts";
export { matchedAccount, type MatchedAccountOptions } from "./matched-account.ts";
export { pod, type Pod, type PodSettings } from "./pod.ts";
export type { AccountOwner, Facts, MatchedAccount, Rule, Verdict } from "./rule.ts";
export { score, type ScoreBand } from "./conditional-rules.ts";
export { territory } from "./conditional-rules.ts";
export type { Duration } from "./pod.ts";
export {
  source,
  type Sender,
  type SettingsOf,
  type Source,
  type SourceSettings,
} from "./source.ts";
