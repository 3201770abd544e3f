import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import type { Alpha2Code } from "i18n-iso-countries";

/** ISO 3166-1 alpha-2, upper case: exactly the codes that intake can give a lead, so a rule can name no other. */
export type CountryCode = Alpha2Code;

const known: ReadonlySet<unknown> = new Set(codes.map(([alpha2]) => alpha2));

export function isCountryCode(code: unknown): code is CountryCode {
  return known.has(code);
}
