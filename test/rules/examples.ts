import type { Lead } from "../../src/rules/lead.ts";
import type { AccountOwner, Facts, MatchedAccount } from "../../src/rules/rule.ts";
import type { Candidate } from "../../src/rules/trail.ts";

export function aLead(about: Partial<Lead> = {}): Lead {
  return {
    id: "01990000-0000-7000-8000-000000000001",
    receivedAt: Date.UTC(2026, 10, 22),
    email: "ada@acme.com",
    phone: "+49 30 1234567",
    name: "Ada Lovelace",
    company: "Acme Analytics",
    companyDomain: "acme.com",
    countryCode: "DE",
    region: "Bavaria",
    source: "referral",
    score: 85,
    fields: {},
    ...about,
  };
}

export function theFacts(about: Partial<Facts> = {}): Facts {
  return { account: null, excluded: new Map(), ...about };
}

export function anAccount(about: Partial<MatchedAccount> = {}): MatchedAccount {
  return {
    domain: "acme.com",
    name: "Acme",
    ownerId: "bo",
    owner: anOwner(),
    ...about,
  };
}

export function anOwner(about: Partial<AccountOwner> = {}): AccountOwner {
  return {
    repId: "bo",
    rev: 3,
    active: true,
    day: "2026-11-22",
    unavailable: null,
    ...about,
  };
}

export function aCandidate(repId: string, about: Partial<Candidate> = {}): Candidate {
  return {
    repId,
    eligibility: "eligible",
    reason: "has 0 leads today",
    until: null,
    count: 0,
    cap: null,
    weight: 1,
    balance: 0,
    ...about,
  };
}
