import { z } from "zod";
import { deactivateRep, listReps, putRep, readRep } from "../../../roster/index.ts";
import { absencesApi } from "./absences.ts";
import { encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { id } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { resource } from "./resource.ts";
import { repBody, repShape } from "./rep-shapes.ts";
import { readToday, todayShape } from "./rep-today.ts";
import { pageOf } from "../shapes.ts";

const BODY = {
  name: "Bo Lindqvist",
  email: "bo@example.com",
  slackUserId: "U012AB3CD",
  timeZone: "Europe/Stockholm",
  workingHours: { mon: [["09:00", "17:00"]], tue: [["09:00", "17:00"]] },
  dailyCap: 20,
} satisfies z.input<typeof repBody>;

const BO: z.infer<typeof repShape> = { id: "bo", ...BODY, active: true };

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

  resource(api, {
    path: "/reps/{id}",
    tag: "Reps",
    key: z.object({ id }),
    etag: true,
    read: (db, { id: repId }) => readRep(db, repId),
    get: {
      summary: "One rep, and where they stand today",
      description:
        "What is said of the rep, and of today: leads got, own cap, the next absence, and of every pod they are in whether they may be picked, why not and until when.",
      schema: z.strictObject({ ...repShape.shape, today: todayShape }).meta({ id: "RepWithToday" }),
      show: async (rep, deps) => ({ ...rep, today: await readToday(deps, rep) }),
      found: { description: "The rep.", example: { ...BO, today: TODAY } },
      missing: ({ id: repId }) => `There is no rep ${repId}.`,
    },
    put: {
      summary: "Add a rep, change or re-activate them",
      description:
        "What is left out becomes null. Answered once the rep's pods have it; 503 = saved but not confirmed: repeat it.",
      body: repBody,
      bodyExample: BODY,
      asks: (body) => ({ ...body, active: true }),
      write: ({ deps, actor, params, body }, seen) => putRep(deps, actor, params.id, body, seen),
      schema: repShape,
      show: ({ value }) => value,
      changed: { description: "There was such a rep before.", example: BO },
      added: { description: "The rep is new.", example: BO },
    },
    delete: {
      summary: "Deactivate a rep",
      description:
        "Takes them out of every pod; decisions go on naming them. Answered once the pods have it; 503 = saved but not confirmed: repeat it.",
      write: ({ deps, actor, params }, seen) => deactivateRep(deps, actor, params.id, seen),
      isGone: (rep) => rep?.active !== true,
      removed: "They get no leads any more.",
      missing: ({ id: repId }) => `There is no active rep ${repId}.`,
    },
  });

  return api;
}
