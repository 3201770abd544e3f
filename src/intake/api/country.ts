import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import de from "i18n-iso-countries/langs/de.json" with { type: "json" };
import en from "i18n-iso-countries/langs/en.json" with { type: "json" };
import es from "i18n-iso-countries/langs/es.json" with { type: "json" };
import fr from "i18n-iso-countries/langs/fr.json" with { type: "json" };
import it from "i18n-iso-countries/langs/it.json" with { type: "json" };
import nl from "i18n-iso-countries/langs/nl.json" with { type: "json" };
import pt from "i18n-iso-countries/langs/pt.json" with { type: "json" };

// Only the data of i18n-iso-countries is used: its own look-up compares with every name of a language
// in turn, and its entry file loads all 70 languages.

/** What people write and the lists lack. */
const SPOKEN: Readonly<Record<string, string>> = {
  England: "GB",
  Scotland: "GB",
  Wales: "GB",
  "Northern Ireland": "GB",
  "Republic of Ireland": "IE",
  Holland: "NL",
  Bosnia: "BA",
  America: "US",
  "États-Unis": "US",
  "Stati Uniti": "US",
  "EE. UU.": "US",
  EUA: "US",
};

function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function buildIndex(): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  const add = (spelling: string, code: string): void => {
    const key = fold(spelling);
    if (!index.has(key)) index.set(key, code);
  };
  for (const [alpha2, alpha3] of codes) {
    if (alpha2 === undefined || alpha3 === undefined) continue;
    add(alpha2, alpha2);
    add(alpha3, alpha2);
  }
  for (const { countries } of [en, de, fr, es, it, nl, pt]) {
    for (const [code, names] of Object.entries(countries)) {
      for (const name of [names].flat()) add(name, code);
    }
  }
  for (const [name, code] of Object.entries(SPOKEN)) add(name, code);
  return index;
}

const COUNTRY_CODES = buildIndex();

/**
 * The ISO 3166-1 alpha-2 code of a country given as alpha-2, alpha-3 or by its name in English, German,
 * French, Spanish, Italian, Dutch or Portuguese; case, accents and punctuation do not matter. Null when
 * the country is not known. Where a name means two countries ("Congo"), the first language that knows it wins.
 */
export function findCountryCode(text: string): string | null {
  return COUNTRY_CODES.get(fold(text)) ?? null;
}
