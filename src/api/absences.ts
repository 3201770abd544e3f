import { Hono } from "hono";
import { z } from "zod";
import {
  listAbsences,
  putAbsence,
  readAbsence,
  removeAbsence,
  type Absence,
} from "../roster/absences.ts";
import { readRep } from "../roster/reps.ts";
import type { ApiEnv } from "./app.ts";
import { requireConfirmed } from "./confirm.ts";
import { instant, readId, readJson, text } from "./input.ts";
import { readPage } from "./page.ts";
import { Problem } from "./problem.ts";

/** The body of `PUT /reps/:id/absences/:absence`. */
const absenceBody = z
  .strictObject({ from: instant, until: instant, note: text(500).nullable().default(null) })
  .refine(({ from, until }) => until > from, { path: ["until"], error: "should be after from" });

/** `/reps/:id/absences`: when a rep gets no leads. Mounted under /api. */
export function absencesApi(): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();

  api.get("/reps/:id/absences", async (c) => {
    const { db } = c.var.deps;
    const repId = readId("id", c.req.param("id"));
    const page = await readPage(
      c.req.url,
      "absences",
      (after, limit) => listAbsences(db, repId, after, limit),
      (absence) => absence.id,
    );
    if (page.items.length === 0 && !(await readRep(db, repId))) throw noRep(repId);
    return c.json({ ...page, items: page.items.map(showAbsence) });
  });

  api.get("/reps/:id/absences/:absence", async (c) => {
    const { repId, id } = readKey(c.req.param());
    const absence = await readAbsence(c.var.deps.db, repId, id);
    if (!absence) throw noAbsence(repId, id);
    return c.json(showAbsence(absence));
  });

  api.put("/reps/:id/absences/:absence", async (c) => {
    const { repId, id } = readKey(c.req.param());
    const values = await readJson(c.req.raw, absenceBody);
    const saved = await putAbsence(c.var.deps, c.var.actor, repId, id, values);
    if (saved.outcome === "unknown_rep") throw noRep(repId);
    requireConfirmed(saved.unconfirmed);
    return c.json(showAbsence(saved.value), saved.outcome === "added" ? 201 : 200);
  });

  api.delete("/reps/:id/absences/:absence", async (c) => {
    const { repId, id } = readKey(c.req.param());
    const { outcome, unconfirmed } = await removeAbsence(c.var.deps, c.var.actor, repId, id);
    requireConfirmed(unconfirmed);
    if (outcome === "not_found") throw noAbsence(repId, id);
    return c.body(null, 204);
  });

  return api;
}

function readKey(parameters: { id: string; absence: string }): { repId: string; id: string } {
  return { repId: readId("id", parameters.id), id: readId("absence", parameters.absence) };
}

function showAbsence({ id, repId, from, until, note }: Absence) {
  return {
    id,
    repId,
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
    note,
  };
}

function noRep(repId: string): Problem {
  return new Problem("not_found", `There is no rep ${repId}.`);
}

function noAbsence(repId: string, id: string): Problem {
  return new Problem("not_found", `The rep ${repId} has no absence ${id}.`);
}
