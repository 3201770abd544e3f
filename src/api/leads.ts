import { Hono } from "hono";
import { z } from "zod";
import { listLeads, type ListKey } from "../audit/lead-lists.ts";
import { readStory } from "../audit/lead-story.ts";
import { listUnassigned } from "../audit/unassigned.ts";
import type { ApiEnv } from "./app.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { id, instant, text } from "./input.ts";
import { pageQuery } from "./page.ts";
import { leadActsApi, noSuchLead } from "./lead-acts.ts";
import { presentListed, presentStory, presentUnassigned } from "./present.ts";
import { readQuery } from "./query-string.ts";

const leadsQuery = z.strictObject({
  ...pageQuery.shape,
  // Leads are stored with lower-case addresses of at most 254 characters.
  email: text(254).toLowerCase().optional(),
  owner: id.optional(),
  from: instant.optional(),
  to: instant.optional(),
});

const arrivalKey = z.tuple([z.literal("leads"), z.string()]);
const ownerKey = z.tuple([z.literal("owner"), z.string(), z.string()]);
const unassignedKey = z.tuple([z.literal("unassigned"), z.string(), z.int()]);

/** Leads: their stories, lists of them, and what people do to them. */
export function leadsApi(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.route("/", leadActsApi());

  app.get("/leads/:id", async (c) => {
    const story = await readStory(c.var.deps.db, c.req.param("id"));
    if (story === null) throw noSuchLead();
    return c.json(presentStory(story));
  });

  app.get("/leads", async (c) => {
    const {
      limit,
      cursor,
      email = null,
      owner = null,
      from = null,
      to = null,
    } = readQuery(c.req.url, leadsQuery);
    const byOwner = owner !== null && email === null;
    const after = cursor === undefined ? null : decodeListKey(cursor, byOwner);
    const { rows, next } = await listLeads(c.var.deps.db, { email, owner, from, to }, limit, after);
    const nextCursor =
      next && encodeCursor(byOwner ? ["owner", next.day, next.leadId] : ["leads", next.leadId]);
    return c.json({ items: rows.map(presentListed), nextCursor });
  });

  app.get("/unassigned", async (c) => {
    const { limit, cursor } = readQuery(c.req.url, pageQuery);
    const [, leadId, generation] = cursor === undefined ? [] : decodeCursor(cursor, unassignedKey);
    const after = leadId === undefined || generation === undefined ? null : { leadId, generation };
    const { rows, next } = await listUnassigned(c.var.deps.db, limit, after);
    const nextCursor = next && encodeCursor(["unassigned", next.leadId, next.generation]);
    return c.json({ items: rows.map(presentUnassigned), nextCursor });
  });

  return app;
}

function decodeListKey(cursor: string, byOwner: boolean): ListKey {
  if (!byOwner) return { day: "", leadId: decodeCursor(cursor, arrivalKey)[1] };
  const [, day, leadId] = decodeCursor(cursor, ownerKey);
  return { day, leadId };
}
