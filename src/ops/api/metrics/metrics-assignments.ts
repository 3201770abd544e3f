import { z } from "zod";
import {
  countAssignments,
  type Decided,
  type Dimension,
  DIMENSIONS,
  MAX_GROUPS,
} from "../../metrics/assignments.ts";
import { endpoint, type ApiPart } from "../endpoint.ts";
import {
  presentRange,
  RANGE_EXAMPLE,
  rangeQuery,
  rangeShape,
  readRange,
  zone,
} from "./metrics-range.ts";

const DEFAULT_BY = "day,rep";

/** A list of dimensions, each once: "day,rep". */
const by = z
  .string()
  .default(DEFAULT_BY)
  .transform((value, context): readonly Dimension[] => {
    const words = value.split(",").map((word) => word.trim());
    const wanted = DIMENSIONS.filter((dimension) => words.includes(dimension));
    if (wanted.length === words.length)
      return wanted.toSorted((a, b) => words.indexOf(a) - words.indexOf(b));
    context.addIssue(`should be some of ${DIMENSIONS.join(", ")}, each once`);
    return z.NEVER;
  })
  .meta({
    description: `What decisions are counted by, comma-separated: some of ${DIMENSIONS.join(", ")}.`,
  });

const assignmentsQuery = rangeQuery.extend({ zone, by });

const decided = z
  .strictObject({ decisions: z.int(), first: z.int(), later: z.int() })
  .meta({ id: "Decided", description: "Decisions: the first of their lead, and later ones." });

const value = z.string().nullable().optional();

export function addAssignmentsMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/assignments",
      tag: "Metrics",
      summary: "Who got how many leads?",
      description:
        "Decisions of the range, by the instant of the claim. `rep` is null for `unassigned`, `pod` for what rests on no pod, " +
        "`rule` for that and for a manual assignment, `source` when the lead has none. A quarter-hour names 50 sources, the " +
        `others are \`(other)\`. At most ${MAX_GROUPS} rows; of more, the oldest are summed up in \`rest\`.`,
      query: assignmentsQuery,
      answers: {
        200: {
          description: "Counts, sorted by what they are counted by.",
          schema: z.strictObject({
            ...rangeShape,
            zone: z.string(),
            by: z.array(z.enum(DIMENSIONS)).readonly(),
            total: decided,
            items: z
              .array(
                z.strictObject({
                  day: value,
                  rep: value,
                  pod: value,
                  rule: value,
                  source: value,
                  outcome: value,
                  decisions: z.int(),
                  first: z.int(),
                  later: z.int(),
                }),
              )
              .readonly(),
            rest: decided,
          }),
          example: {
            ...RANGE_EXAMPLE,
            zone: "Europe/Berlin",
            by: ["day", "rep"],
            total: { decisions: 31, first: 29, later: 2 },
            items: [
              { day: "2026-11-21", rep: "ana", decisions: 15, first: 14, later: 1 },
              { day: "2026-11-21", rep: "bo", decisions: 14, first: 13, later: 1 },
              { day: "2026-11-22", rep: null, decisions: 2, first: 2, later: 0 },
            ],
            rest: { decisions: 0, first: 0, later: 0 },
          },
        },
      },
    },
    async ({ deps, query }) => {
      const range = readRange(query, deps.now());
      const counted = await countAssignments(deps.db, range, query.by, query.zone);
      return {
        status: 200,
        body: {
          ...presentRange(range, counted),
          zone: query.zone,
          by: query.by,
          total: presentDecided(counted.total),
          items: counted.groups.map(({ values, ...group }) => ({
            ...values,
            ...presentDecided(group),
          })),
          rest: presentDecided(counted.rest),
        },
      };
    },
  );
}

function presentDecided({ first, later }: Decided) {
  return { decisions: first + later, first, later };
}
