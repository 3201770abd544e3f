import { Hono } from "hono";
import { z } from "zod";
import { isTimeZone } from "../roster/calendar.ts";
import { deactivateRep } from "../roster/deactivate-rep.ts";
import { listReps, putRep, readRep } from "../roster/reps.ts";
import { spansOverlap } from "../roster/working-hours.ts";
import { absencesApi } from "./absences.ts";
import type { ApiEnv } from "./app.ts";
import { requireConfirmed } from "./confirm.ts";
import { cap, readId, readJson, should, text } from "./input.ts";
import { readPage } from "./page.ts";
import { Problem } from "./problem.ts";

const clockTime = z
  .string({ error: should("a time of day") })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, {
    error: should('a time of day by the 24-hour clock: "09:00"'),
  });

const hours = z
  .tuple(
    [clockTime.refine((time) => time !== "24:00", { error: should("before 24:00") }), clockTime],
    {
      error: should('a start and an end: ["09:00", "17:00"]'),
    },
  )
  .refine(([start, end]) => start !== end, {
    error: should("a span that ends at another time than it starts"),
  });

const daysHours = z
  .array(hours, { error: should('a list of spans: [["09:00", "17:00"]]') })
  .refine((spans) => !spansOverlap(spans), { error: should("spans that do not overlap") })
  .exactOptional();

// The order of the days here is the order in which they are stored.
const workingHours = z
  .strictObject(
    {
      mon: daysHours,
      tue: daysHours,
      wed: daysHours,
      thu: daysHours,
      fri: daysHours,
      sat: daysHours,
      sun: daysHours,
    },
    { error: should("null, or an object of mon, tue, wed, thu, fri, sat, sun") },
  )
  .nullable()
  .default(null);

/** The body of `PUT /reps/:id`. What is left out becomes null. */
const repBody = z.strictObject({
  name: text(200),
  email: z
    .string({ error: should("an e-mail address") })
    .trim()
    .max(254, { error: should("an e-mail address of at most 254 characters") })
    .pipe(z.email({ error: should("an e-mail address") }))
    .nullable()
    .default(null),
  slackUserId: z
    .string({ error: should("a Slack member id") })
    .regex(/^[UW][A-Z0-9]{2,30}$/, { error: should('a Slack member id, such as "U012AB3CD"') })
    .nullable()
    .default(null),
  timeZone: z
    .string({ error: should("an IANA time zone") })
    .refine(isZoneName, { error: should('an IANA time zone, such as "Europe/Berlin"') }),
  workingHours,
  dailyCap: cap,
});

// Temporal takes more for a zone than a name: an offset, or a date and time that has one.
function isZoneName(zone: string): boolean {
  return /^[A-Za-z][\w+/-]*$/.test(zone) && isTimeZone(zone);
}

/** `/reps`: who there is to get leads. Mounted under /api. */
export function repsApi(): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();
  api.route("/", absencesApi());

  api.get("/reps", async (c) => {
    const { db } = c.var.deps;
    const page = await readPage(
      c.req.url,
      "reps",
      (after, limit) => listReps(db, after, limit),
      (rep) => rep.id,
    );
    return c.json(page);
  });

  api.get("/reps/:id", async (c) => {
    const id = readId("id", c.req.param("id"));
    const rep = await readRep(c.var.deps.db, id);
    if (!rep) throw new Problem("not_found", `There is no rep ${id}.`);
    return c.json(rep);
  });

  api.put("/reps/:id", async (c) => {
    const id = readId("id", c.req.param("id"));
    const values = await readJson(c.req.raw, repBody);
    const { outcome, value, unconfirmed } = await putRep(c.var.deps, c.var.actor, id, values);
    requireConfirmed(unconfirmed);
    return c.json(value, outcome === "added" ? 201 : 200);
  });

  api.delete("/reps/:id", async (c) => {
    const id = readId("id", c.req.param("id"));
    const { outcome, unconfirmed } = await deactivateRep(c.var.deps, c.var.actor, id);
    requireConfirmed(unconfirmed);
    if (outcome === "not_found") throw new Problem("not_found", `There is no active rep ${id}.`);
    return c.body(null, 204);
  });

  return api;
}
