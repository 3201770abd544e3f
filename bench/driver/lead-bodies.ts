/** Where a lead comes from when it names no channel; no rule of rules.ts asks for it. */
const SOURCE = "newsletter";

/**
 * What a form of a B2B site sends, about 600 bytes: the fields of a lead in other spellings than the router's own, and what
 * else such a form has. Each is another person. By rules.ts it goes to the pod of
 * the fallback.
 */
export function leadFields(tag: string, n: number, channels?: number): Record<string, string> {
  return {
    Email: `lead-${n}@${tag}.example`,
    "First Name": "Maximiliane",
    "Last Name": `Musterfrau ${n}`,
    phone_number: `+33 1 ${10_000_000 + n}`,
    Company: `Musterfrau & Filles ${n} SARL`,
    Country: "France",
    source: channels === undefined ? SOURCE : `channel-${n % channels}`,
    score: "10",
    company_size: "250",
    utm_campaign: "autumn-2026",
    utm_medium: "email",
    landing_page: "https://www.example.com/pricing?plan=business",
    message:
      "Hello, we are looking for a way to hand the requests of three country sites to the right people without anybody sorting them by hand. Could you show us how it works next week?",
  };
}

/** Finds the addresses of a tag's leads in a text. */
export function leadsOf(tag: string): RegExp {
  return new RegExp(`lead-\\d+@${tag}\\.example`, "g");
}
