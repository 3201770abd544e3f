import { DurableObject } from "cloudflare:workers";
import { Hono } from "hono";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { REPS } from "./reference-tables.ts";

// The reference: the least that could be called a router. It keeps no promise of DESIGN, section 2: a lead is lost when the
// send fails, decided anew when it is delivered again, and nothing says why somebody got it.

interface Env {
  readonly DB: D1Database;
  readonly TURNS: DurableObjectNamespace<Turns>;
  readonly LEADS: Queue<{ readonly leadId: string }>;
}

const bodySchema = z.record(z.string(), z.string());

const app = new Hono<{ Bindings: Env }>();

app.post("/leads", async (c) => {
  const lead = bodySchema.parse(await c.req.json());
  const id = uuidv7();
  await c.env.DB.prepare(
    `INSERT INTO leads (id, received_at, email, phone, name, company, country_code, source, score, fields)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      id,
      Date.now(),
      lead["Email"],
      lead["phone_number"],
      lead["Last Name"],
      lead["Company"],
      "FR",
      lead["source"],
      Number(lead["score"]),
      JSON.stringify(lead),
    )
    .run();
  await c.env.LEADS.send({ leadId: id });
  return c.json({ ok: true, id });
});

export default {
  fetch: app.fetch,

  async queue(batch, env) {
    const leadIds = batch.messages.map(({ body }) => body.leadId);
    const owners = await env.TURNS.getByName("everyone").take(leadIds.length);
    const decisions = leadIds.map((leadId, n) => ({ leadId, ownerId: owners[n] }));
    const { DB } = env;
    await DB.batch([
      DB.prepare("SELECT l.* FROM json_each(?1) AS s CROSS JOIN leads AS l ON l.id = s.value").bind(
        JSON.stringify(leadIds),
      ),
      DB.prepare(
        `INSERT INTO decisions (lead_id, generation, outcome, owner_id, day, rule, decided_at)
          SELECT value ->> 'leadId', 1, 'assigned', value ->> 'ownerId', '2026-11-23', 'everyone', ?2 FROM json_each(?1)`,
      ).bind(JSON.stringify(decisions), Date.now()),
    ]);
    batch.ackAll();
  },
} satisfies ExportedHandler<Env, { readonly leadId: string }>;

/** Whose turn it is, written down before it is told. */
export class Turns extends DurableObject<Env> {
  take(count: number): string[] {
    const { kv } = this.ctx.storage;
    const turn = kv.get<number>("turn") ?? 0;
    kv.put("turn", turn + count);
    return Array.from({ length: count }, (_, n) => `rep-${(turn + n) % REPS}`);
  }
}
