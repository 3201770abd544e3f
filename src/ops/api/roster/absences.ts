import { z } from "zod";
import {
  type Absence,
  listAbsences,
  putAbsence,
  readAbsence,
  readRep,
  removeAbsence,
} from "../../../roster/index.ts";
import { requireConfirmed } from "../confirm.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { id, instant, text } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { absenceShape } from "./rep-shapes.ts";
import { pageOf } from "../shapes.ts";

const absenceBody = z
  .strictObject({ from: instant, until: instant, note: text(500).nullable().default(null) })
  .refine(({ from, until }) => until > from, { path: ["until"], error: "should be after from" });

const absenceKey = z.object({ id, absence: id });

const SUMMER: z.infer<typeof absenceShape> = {
  id: "summer",
  repId: "bo",
  from: "2027-07-05T07:00:00.000Z",
  until: "2027-07-26T07:00:00.000Z",
  note: "Sailing",
};

/** `/reps/{id}/absences`: when a rep gets no leads. Mounted under /api. */
export function absencesApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/reps/{id}/absences",
      tag: "Reps",
      summary: "A rep's absences, by id",
      description: "Past ones too.",
      params: z.object({ id }),
      query: pageQuery,
      answers: {
        200: {
          description: "A page of absences.",
          schema: pageOf(absenceShape),
          example: { items: [SUMMER], nextCursor: null },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps: { db }, params: { id: repId }, query }) => {
      const page = await readPage(
        query,
        "absences",
        (after, limit) => listAbsences(db, repId, after, limit),
        (absence) => absence.id,
      );
      if (page.items.length === 0 && !(await readRep(db, repId))) throw noRep(repId);
      return { status: 200, body: { ...page, items: page.items.map(showAbsence) } };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/reps/{id}/absences/{absence}",
      tag: "Reps",
      summary: "One absence",
      params: absenceKey,
      answers: { 200: { description: "The absence.", schema: absenceShape, example: SUMMER } },
      problems: ["not_found"],
    },
    async ({ deps, params }) => {
      const absence = await readAbsence(deps.db, params.id, params.absence);
      if (!absence) throw noAbsence(params.id, params.absence);
      return { status: 200, body: showAbsence(absence) };
    },
  );

  endpoint(
    api,
    {
      method: "put",
      path: "/reps/{id}/absences/{absence}",
      tag: "Reps",
      summary: "Add or change an absence",
      description:
        "Under an id of your own choice. Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      params: absenceKey,
      body: absenceBody,
      bodyExample: {
        from: "2027-07-05T09:00:00+02:00",
        until: "2027-07-26T09:00:00+02:00",
        note: "Sailing",
      },
      answers: {
        200: { description: "There was one before.", schema: absenceShape, example: SUMMER },
        201: { description: "The absence is new.", schema: absenceShape, example: SUMMER },
      },
      problems: ["not_found", "unavailable"],
    },
    async ({ deps, actor, params, body }) => {
      const saved = await putAbsence(deps, actor, params.id, params.absence, body);
      if (saved.outcome === "unknown_rep") throw noRep(params.id);
      requireConfirmed(saved.unconfirmed);
      return { status: saved.outcome === "added" ? 201 : 200, body: showAbsence(saved.value) };
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/reps/{id}/absences/{absence}",
      tag: "Reps",
      summary: "Remove an absence",
      description:
        "Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      params: absenceKey,
      answers: { 204: { description: "There is no such absence any more." } },
      problems: ["not_found", "unavailable"],
    },
    async ({ deps, actor, params }) => {
      const { outcome, unconfirmed } = await removeAbsence(deps, actor, params.id, params.absence);
      requireConfirmed(unconfirmed);
      if (outcome === "not_found") throw noAbsence(params.id, params.absence);
      return { status: 204 };
    },
  );

  return api;
}

function showAbsence({ from, until, ...absence }: Absence) {
  return { ...absence, from: isoInstant(from), until: isoInstant(until) };
}

function noRep(repId: string): Problem {
  return new Problem("not_found", `There is no rep ${repId}.`);
}

function noAbsence(repId: string, absenceId: string): Problem {
  return new Problem("not_found", `The rep ${repId} has no absence ${absenceId}.`);
}
