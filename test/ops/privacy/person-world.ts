import type { Deps } from "../../../src/ports/deps.ts";
import { insertLead, storeSpilled } from "../../../src/record/leads.ts";
import { insertSuspects } from "../../../src/record/quarantine.ts";
import { rows, transaction } from "../../../src/lib/query.ts";
import { keepDelivery } from "../../../src/intake/webhooks/unclaimed.ts";
import { leadOf, NOW } from "../../intake/api/fakes.ts";
import { Desk, leadId } from "../../routing/desk.ts";

/** Who is to be erased, and who is not. */
export const ADA = {
  email: "ada@love.test",
  name: "Ada Lovelace",
  phone: "+44 20 7946 0018",
  company: "Engines of Ada",
  companyDomain: "love.test",
  fields: { message: "Dear Bo, my Jacquard loom" },
};
/** What may be left of Ada nowhere. */
export const TRACES = /ada@|lovelace|7946|engines of ada|jacquard/i;

/** A router that knows Ada: two leads, an alias, a submission in quarantine, a delivery that nobody could read; and Bob, likewise. */
export class PersonWorld {
  readonly desk: Desk;
  #ids = 100;

  constructor(overrides: Partial<Deps> = {}) {
    this.desk = new Desk(overrides);
    this.desk.addRep("bo");
  }

  async fill(): Promise<void> {
    await this.desk.decide(await this.desk.addLead(1, ADA), "bo");
    await this.desk.addLead(2, ADA);
    await this.desk.decide(await this.desk.addLead(3), "bo");
    const { db } = this.desk;
    await rows(db, insertLead(leadOf(leadId(4), ADA), "key-4"));
    await transaction(
      db,
      storeSpilled([{ lead: leadOf(leadId(5), ADA), idempotencyKey: "key-4" }]),
    );
    await this.suspect(ADA);
    await this.suspect({});
    await this.deliver({ contact: { mail: ADA.email, text: ADA.name } });
    await this.deliver({ contact: { mail: "bob@acme.test" } });
  }

  async suspect(changes: Partial<typeof ADA>): Promise<string> {
    const lead = leadOf(leadId(++this.#ids), changes);
    const suspicion = { door: "form:contact", reason: "honeypot:_gotcha" };
    await transaction(this.desk.db, insertSuspects([{ lead, idempotencyKey: null, suspicion }]));
    return lead.id;
  }

  async deliver(body: unknown): Promise<void> {
    const delivery = {
      body: new TextEncoder().encode(JSON.stringify(body)),
      headers: { "content-type": "application/json" },
      pathSecret: null,
    };
    const id = leadId(++this.#ids);
    const kept = {
      id,
      receivedAt: NOW,
      source: "typeform/contact",
      reason: "unreadable",
      delivery,
    };
    await rows(this.desk.db, keepDelivery({ ...kept, reason: "unreadable" }));
  }

  /** Everything that every table holds, bodies of deliveries decoded. */
  dump(): string {
    const tables = this.desk.select("SELECT name FROM sqlite_schema WHERE type = 'table'");
    const stored = tables.map(({ name }) => this.desk.select(`SELECT * FROM ${String(name)}`));
    const bodies = this.desk
      .select("SELECT body FROM webhook_deliveries")
      .map(({ body }) => Buffer.from(String(body), "base64url").toString());
    return JSON.stringify([stored, bodies]);
  }
}
