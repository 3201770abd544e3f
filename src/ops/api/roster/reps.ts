import { z } from "zod";
import {
  deactivateRep,
  listReps,
  putRep,
  readRep,
  type Removal,
  type Rep,
  type Saved,
} from "../../../roster/index.ts";
import { absencesApi } from "./absences.ts";
import { requireConfirmed } from "../confirm.ts";
import { encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import {
  deleteHeaders,
  editUnderConditions,
  etagHeader,
  putHeaders,
  sameValues,
  tagOf,
} from "../etag.ts";
import { id } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { Problem } from "../problem.ts";
import { repBody } from "./rep-body.ts";
import { repShape } from "./rep-shapes.ts";
import { readToday, todayShape } from "./rep-today.ts";
import { pageOf } from "../shapes.ts";

const repKey = z.object({ id });

const BO: z.infer<typeof repShape> = {
  id: "bo",
  name: "Bo Lindqvist",
  email: "bo@example.com",
  slackUserId: "U012AB3CD",
  timeZone: "Europe/Stockholm",
  workingHours: { mon: [["09:00", "17:00"]], tue: [["09:00", "17:00"]] },
  dailyCap: 20,
  active: true,
};

const TODAY: z.infer<typeof todayShape> = {
  at: "2026-11-23T09:30:00.007Z",
  date: "2026-11-23",
  count: 8,
  cap: 20,
  absence: {
    id: "summer",
    from: "2026-12-21T00:00:00.000Z",
    until: "2027-01-04T08:00:00.000Z",
  },
  pods: [
    {
      podId: "dach",
      next: true,
      eligibility: "eligible",
      reason: "has 7 of 15 leads today",
      until: null,
      count: 7,
      cap: 15,
      weight: 2,
      open: 11,
      openCap: 40,
      received: 182,
      expected: 182.333333333,
      owed: 0.333333333,
    },
    { podId: "everyone", error: "unreachable" },
  ],
};

/** `/reps`: who there is to get leads. Mounted under /api. */
export function repsApi(): ApiPart {
  const api = apiPart();
  api.route("/", absencesApi());

  endpoint(
    api,
    {
      method: "get",
      path: "/reps",
      tag: "Reps",
      summary: "All reps, by id",
      description: "Deactivated ones too.",
      query: pageQuery,
      answers: {
        200: {
          description: "A page of reps.",
          schema: pageOf(repShape),
          example: { items: [BO], nextCursor: encodeCursor(["reps", "bo"]) },
        },
      },
    },
    async ({ deps: { db }, query }) => {
      const page = await readPage(
        query,
        "reps",
        (after, limit) => listReps(db, after, limit),
        (rep) => rep.id,
      );
      return { status: 200, body: page };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/reps/{id}",
      tag: "Reps",
      summary: "One rep, and where they stand today",
      description:
        "What is said of the rep, and of today: leads got, own cap, the next absence, and of every pod they are in whether they may be picked, why not and until when.",
      params: repKey,
      answers: {
        200: {
          description: "The rep.",
          headers: etagHeader,
          schema: z
            .strictObject({ ...repShape.shape, today: todayShape })
            .meta({ id: "RepWithToday" }),
          example: { ...BO, today: TODAY },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params }) => {
      const rep = await readRep(deps.db, params.id);
      if (!rep) throw new Problem("not_found", `There is no rep ${params.id}.`);
      const today = await readToday(deps, rep);
      return { status: 200, body: { ...rep, today }, headers: { ETag: tagOf(rep) } };
    },
  );

  endpoint(
    api,
    {
      method: "put",
      path: "/reps/{id}",
      tag: "Reps",
      summary: "Add a rep, change or re-activate them",
      description:
        "What is left out becomes null. Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      params: repKey,
      headers: putHeaders,
      body: repBody,
      bodyExample: {
        name: "Bo Lindqvist",
        email: "bo@example.com",
        slackUserId: "U012AB3CD",
        timeZone: "Europe/Stockholm",
        workingHours: { mon: [["09:00", "17:00"]], tue: [["09:00", "17:00"]] },
        dailyCap: 20,
      },
      answers: {
        200: {
          description: "There was such a rep before.",
          headers: etagHeader,
          schema: repShape,
          example: BO,
        },
        201: { description: "The rep is new.", headers: etagHeader, schema: repShape, example: BO },
      },
      problems: ["precondition_failed", "unavailable"],
    },
    async ({ deps, actor, params: { id: repId }, body, request }) => {
      const wanted: Rep = { id: repId, ...body, active: true };
      const { outcome, value, unconfirmed } = await editUnderConditions<Rep, Saved<Rep>>(request, {
        read: () => readRep(deps.db, repId),
        stands: (seen) => sameValues(seen, wanted),
        write: (seen) => putRep(deps, actor, repId, body, seen),
      });
      requireConfirmed(unconfirmed);
      return {
        status: outcome === "added" ? 201 : 200,
        body: value,
        headers: { ETag: tagOf(value) },
      };
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/reps/{id}",
      tag: "Reps",
      summary: "Deactivate a rep",
      description:
        "Takes them out of every pod; decisions go on naming them. Answered once the pods have it; 503 = saved but not confirmed: repeat it.",
      params: repKey,
      headers: deleteHeaders,
      answers: { 204: { description: "They get no leads any more." } },
      problems: ["not_found", "precondition_failed", "unavailable"],
    },
    async ({ deps, actor, params, request }) => {
      const { outcome, unconfirmed } = await editUnderConditions<Rep, Removal>(request, {
        read: () => readRep(deps.db, params.id),
        stands: (seen) => seen?.active !== true,
        write: (seen) => deactivateRep(deps, actor, params.id, seen ?? undefined),
      });
      requireConfirmed(unconfirmed);
      if (outcome === "not_found")
        throw new Problem("not_found", `There is no active rep ${params.id}.`);
      return { status: 204 };
    },
  );

  return api;
}
