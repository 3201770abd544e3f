import { v7 as uuidv7 } from "uuid";
import { chunk } from "../../src/lib/chunks.ts";
import { leadFields } from "../driver/lead-bodies.ts";

/** A lead of a backlog, as rules.ts looks at it. */
export interface BacklogLead {
  readonly countryCode: string;
  readonly score: number | null;
}

/** Leads an INSERT: about half a megabyte as one parameter. */
const LEADS_PER_INSERT = 1_000;

let backlogs = 0;

/** Stores leads straight into a contender's database, as its door would have: received, not routed. Yields their ids. */
export async function storeBacklog(
  db: D1Database,
  count: number,
  leadOf: (n: number) => BacklogLead,
): Promise<readonly string[]> {
  backlogs += 1;
  const tag = `backlog-${backlogs}`;
  const leads = Array.from({ length: count }, (_, n) => {
    const fields = leadFields(tag, n);
    return { id: uuidv7(), email: fields["Email"], ...leadOf(n), fields: JSON.stringify(fields) };
  });
  for (const some of chunk(leads, LEADS_PER_INSERT))
    await db
      .prepare(
        `INSERT INTO leads (id, received_at, email, phone, name, company, country_code, source, score, fields)
          SELECT value ->> 'id', ?2, value ->> 'email', '+33 1 10000000', 'Maximiliane Musterfrau', 'Musterfrau & Filles SARL',
            value ->> 'countryCode', 'newsletter', value ->> 'score', value ->> 'fields'
          FROM json_each(?1)`,
      )
      .bind(JSON.stringify(some), Date.now())
      .run();
  return leads.map(({ id }) => id);
}

/** How many of these leads have a decision. */
export async function countDecided(db: D1Database, leadIds: readonly string[]): Promise<number> {
  const row = await db
    .prepare(
      "SELECT count(*) AS decided FROM json_each(?1) AS s CROSS JOIN decisions AS d ON d.lead_id = s.value AND d.generation = 1",
    )
    .bind(JSON.stringify(leadIds))
    .first<{ decided: number }>();
  return row?.decided ?? 0;
}
