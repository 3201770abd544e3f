import type { Submission } from "../../../src/intake/accept.ts";
import type { Chain } from "../../../src/rules/chain.ts";
import type { Lead } from "../../../src/rules/lead.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import type { RouteMessage } from "../../../src/record/messages.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import type { PodPort } from "../../../src/ports/pod.ts";

/** The instant at which every fake clock stands. */
export const NOW = Date.UTC(2026, 10, 22, 9, 30);

export const DRAFT: LeadDraft = {
  email: "jane@acme.test",
  phone: "+49 30 123456",
  name: "Jane Doe",
  company: "Acme",
  companyDomain: "acme.test",
  countryCode: "DE",
  region: "Berlin",
  source: "referral",
  score: 87.5,
  fields: { message: "Hello", tags: ["a", "b"] },
};

/** A lead as POST /leads hands it over. */
export function submissionOf(
  draft: LeadDraft,
  idempotencyKey: string | null = null,
  more: Partial<Submission> = {},
): Submission {
  return { draft, door: "api", idempotencyKey, ...more };
}

export function leadOf(id: string, changes: Partial<Lead> = {}): Lead {
  return { ...DRAFT, id, receivedAt: NOW, ...changes };
}

export interface FakeDeps {
  readonly deps: Deps;
  /** What the queue took. */
  readonly sent: RouteMessage[];
  /** What was logged. */
  readonly logged: { level: string; event: string; detail: unknown }[];
}

/** Deps whose queue takes all, whose clock stands still and whose time limits never run out, unless overridden. */
export function fakeDeps(db: D1Database, overrides: Partial<Deps> = {}): FakeDeps {
  const sent: RouteMessage[] = [];
  const logged: FakeDeps["logged"] = [];
  let ids = 0;
  const deps: Deps = {
    db,
    get chain(): Chain {
      throw new Error("intake does not ask the chain");
    },
    forms: [],
    sources: [],
    destinations: [],
    deliveries: { send: async () => {} },
    leads: {
      async send(messages) {
        sent.push(...messages);
      },
    },
    notifications: {
      async send() {
        throw new Error("intake notifies nobody");
      },
    },
    pod: (): PodPort => {
      throw new Error("intake asks no pod");
    },
    secret: () => null,
    allow: async () => true,
    fetch: () => Promise.reject(new Error("intake calls nobody")),
    now: () => NOW,
    sleep: () => new Promise(() => {}),
    random: () => 0,
    newId: () => `lead-${++ids}`,
    log: (level, event, detail) => logged.push({ level, event, detail }),
    ...overrides,
  };
  return { deps, sent, logged };
}
