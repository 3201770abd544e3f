import { chain, fallback, pod, rule, score, territory, type Chain } from "../../src/rules/index.ts";
import type { Conditions, Range } from "../../src/rules/conditions.ts";
import type { CountryCode } from "../../src/rules/country-code.ts";
import type { ScoreBand } from "../../src/rules/conditional-rules.ts";

/** One rule, as plain data: both contenders make theirs of it. The fallback is left to them. */
export type RuleSpec = { readonly name: string } & (
  | { readonly kind: "territory" | "rule"; readonly conditions: Conditions }
  | { readonly kind: "score"; readonly band: ScoreBand }
);

export const FALLBACK = "fallback";

const REGIONS: readonly (readonly [string, readonly CountryCode[]])[] = [
  ["DACH", ["DE", "AT", "CH", "LI"]],
  ["Nordics", ["SE", "NO", "DK", "FI", "IS"]],
  ["Benelux", ["NL", "BE", "LU"]],
  ["Iberia", ["ES", "PT", "AD"]],
  ["UK and Ireland", ["GB", "IE"]],
  ["Eastern Europe", ["PL", "CZ", "SK", "HU", "RO", "BG"]],
  ["North America", ["US", "CA"]],
  ["Latin America", ["MX", "BR", "AR", "CL", "CO", "PE"]],
  ["Far East", ["JP", "KR", "TW"]],
  ["South-East Asia", ["SG", "MY", "TH", "VN", "ID", "PH"]],
];
export const SOURCES = ["website", "referral", "webinar", "partner", "trade fair", "newsletter"];
export const INDUSTRIES = ["software", "retail", "finance", "health", "logistics", "energy"];
const SIZES: readonly Range[] = [{ max: 10 }, { min: 11, max: 200 }, { min: 201 }];

/**
 * So many rules, the fallback included, of the kinds that teams write: territories split by company size and industry,
 * special cases by source, company domain and form fields, and three score bands at the end. None catches all.
 */
export function describeRules(count: number): readonly RuleSpec[] {
  const bands: readonly RuleSpec[] = [
    { name: "hot", kind: "score", band: { min: 80 } },
    { name: "warm", kind: "score", band: { min: 60, max: 79.99 } },
    { name: "unscored", kind: "score", band: "none" },
  ];
  const before = Array.from({ length: count - bands.length - 1 }, (_, n) => describeRule(n));
  return [...before, ...bands];
}

function describeRule(n: number): RuleSpec {
  const [region, countries] = REGIONS[n % REGIONS.length] ?? ["DACH", ["DE"]];
  const round = Math.floor(n / REGIONS.length);
  const company_size = SIZES[round % SIZES.length] ?? { min: 1 };
  const source = SOURCES[n % SOURCES.length] ?? "";
  const industry = INDUSTRIES[round % INDUSTRIES.length] ?? "";
  const name = `${n} ${region}`;
  switch (n % 5) {
    case 0:
      return {
        name,
        kind: "territory",
        conditions: { countryCode: countries, fields: { industry } },
      };
    case 1:
      return {
        name,
        kind: "rule",
        conditions: { countryCode: countries, source, fields: { company_size } },
      };
    case 2:
      return {
        name,
        kind: "rule",
        conditions: {
          source: [source, "event"],
          score: { min: round % 60, max: 100 },
          fields: { company_size, industry },
        },
      };
    case 3:
      return {
        name,
        kind: "territory",
        conditions: { countryCode: countries, fields: { company_size } },
      };
    default:
      return {
        name,
        kind: "rule",
        conditions: {
          companyDomain: [`customer-${n}.test`, `customer-${n}.example`],
          source: [source, "none"],
        },
      };
  }
}

/** The chain that these rules make, with a pod of ten in turn. */
export function makeChain(specs: readonly RuleSpec[]): Chain {
  const pods = Array.from({ length: 10 }, (_, n) => pod(`pod-${n}`));
  const last = pod("everyone");
  const rules = specs.map((spec, n) => {
    const to = pods[n % pods.length] ?? last;
    if (spec.kind === "score") return score(spec.name, spec.band, to);
    return (spec.kind === "territory" ? territory : rule)(spec.name, spec.conditions, to);
  });
  return chain(...rules, fallback(last));
}
