import type { Lead } from "../../src/rules/lead.ts";
import { INDUSTRIES, SOURCES } from "./chain-rules.ts";

const COUNTRIES =
  "DE AT CH SE DK NL BE ES PT GB IE PL CZ RO US CA MX BR JP KR SG MY IN ZA AU NZ FR IT GR TR".split(
    " ",
  );
const RECEIVED_AT = Date.UTC(2026, 10, 22, 9, 30);

/**
 * So many leads as forms send them: a third without a score, some from nowhere, numbers as text, values in the case in which
 * the rules have them, so that a rule engine that knows no other case takes the same ones. The same each time.
 */
export function makeLeads(count: number): readonly Lead[] {
  return Array.from({ length: count }, (_, n) => makeLead(n));
}

function makeLead(n: number): Lead {
  // Strides that share no factor with the lists' lengths: every combination turns up.
  return {
    id: `01990000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`,
    receivedAt: RECEIVED_AT + n,
    email: `person-${n}@customer-${n % 400}.test`,
    phone: null,
    name: `Person ${n}`,
    company: `Customer ${n % 400}`,
    companyDomain: n % 4 === 0 ? null : `customer-${(n * 7) % 400}.test`,
    countryCode: COUNTRIES[(n * 7) % COUNTRIES.length] ?? null,
    region: n % 3 === 0 ? `region-${n % 20}` : null,
    source: n % 8 === 0 ? null : (SOURCES[(n * 5) % SOURCES.length] ?? null),
    score: n % 3 === 1 ? null : ((n * 37) % 10_000) / 100,
    fields: {
      message: "We would like to hear more about your product.",
      ...(n % 5 !== 0 && { company_size: String(((n * 13) % 500) + 1) }),
      ...(n % 7 !== 0 && { industry: INDUSTRIES[(n * 11) % INDUSTRIES.length] }),
    },
  };
}
