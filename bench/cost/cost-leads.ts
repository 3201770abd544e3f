import { DESERTED, MANNED } from "./cost-chain.ts";

/** Which rule takes the lead: the first, the second, the last, or none. */
export const KINDS = ["matched account", "territory", "fallback", "unassigned"] as const;
export type Kind = (typeof KINDS)[number];

/** The domain of the one account there is. */
export const ACCOUNT_DOMAIN = "acme-robotics.com";
export const REPS = ["ana", "bo", "cem", "dana"] as const;

/** Pods that a lead of this kind is claimed in. */
export function podsOf(kind: Kind): readonly string[] {
  if (kind === "territory") return ["bench-dach"];
  return kind === "fallback" ? ["bench-everyone"] : [];
}

/** The pod for leads that no other rule takes. */
export function fallbackPodOf(kind: Kind): string {
  return kind === "unassigned" ? DESERTED : MANNED[3];
}

/** A lead as a form sends it, of some 300 bytes. */
export type CostLead = {
  readonly email: string;
  readonly phone: string;
  readonly name: string;
  readonly company: string;
  readonly country: string;
  readonly source: string;
  readonly score: number;
  readonly message: string;
};

/** The n-th lead of a kind. */
export function makeLead(kind: Kind, n: number): CostLead {
  const domain = kind === "matched account" ? ACCOUNT_DOMAIN : `musterfrau-${n}.com`;
  return {
    email: `maxi-${n}@${domain}`,
    phone: `+49 30 ${100_000 + n}`,
    name: `Maximiliane Musterfrau ${n}`,
    company: `Musterfrau & Söhne ${n} GmbH`,
    country: kind === "territory" ? "DE" : "BR",
    source: "newsletter",
    score: 20,
    message: "We are 40 people and look for a router of leads that can say why.",
  };
}
