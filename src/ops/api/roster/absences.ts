import { z } from "zod";
import {
  type Absence,
  listAbsences,
  putAbsence,
  readAbsence,
  readRep,
  removeAbsence,
} from "../../../roster/index.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { id, instant, text } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { absenceShape } from "./rep-shapes.ts";
import { pageOf } from "../shapes.ts";
import { resource } from "./resource.ts";

const absenceBody = z
  .strictObject({ from: instant, until: instant, note: text(500).nullable().default(null) })
  .refine(({ from, until }) => until > from, { path: ["until"], error: "should be after from" });

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

  resource(api, {
    path: "/reps/{id}/absences/{absence}",
    tag: "Reps",
    key: z.object({ id, absence: id }),
    etag: false,
    read: (db, { id: repId, absence }) => readAbsence(db, repId, absence),
    get: {
      summary: "One absence",
      schema: absenceShape,
      show: showAbsence,
      found: { description: "The absence.", example: SUMMER },
      missing: ({ id: repId, absence }) => `The rep ${repId} has no absence ${absence}.`,
    },
    put: {
      summary: "Add or change an absence",
      description:
        "Under an id of your own choice. Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      notFound: true,
      body: absenceBody,
      bodyExample: {
        from: "2027-07-05T09:00:00+02:00",
        until: "2027-07-26T09:00:00+02:00",
        note: "Sailing",
      },
      async write({ deps, actor, params, body }) {
        const saved = await putAbsence(deps, actor, params.id, params.absence, body);
        if (saved.outcome === "unknown_rep") throw noRep(params.id);
        return saved;
      },
      schema: absenceShape,
      show: ({ value }) => showAbsence(value),
      changed: { description: "There was one before.", example: SUMMER },
      added: { description: "The absence is new.", example: SUMMER },
    },
    delete: {
      summary: "Remove an absence",
      description:
        "Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      write: ({ deps, actor, params }) => removeAbsence(deps, actor, params.id, params.absence),
      removed: "There is no such absence any more.",
    },
  });

  return api;
}

function showAbsence({ from, until, ...absence }: Absence) {
  return { ...absence, from: isoInstant(from), until: isoInstant(until) };
}

function noRep(repId: string): Problem {
  return new Problem("not_found", `There is no rep ${repId}.`);
}
