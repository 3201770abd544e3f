import { z } from "zod";
import type { Deps } from "../../../ports/deps.ts";
import { shareOf } from "../../../pod/index.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { text } from "../input.ts";
import { addAssignmentsMetric } from "./metrics-assignments.ts";
import { addCapacityMetric } from "./metrics-capacity.ts";
import { addRulesMetric } from "./metrics-rules.ts";
import { addTimesMetric } from "./metrics-times.ts";
import { addUnassignedMetric } from "./metrics-unassigned.ts";
import { askPod, noPod } from "../roster/pods.ts";
import { isoInstant } from "../present.ts";
import { isoText } from "../shapes.ts";

/**
 * Leads that a member may be from their share, either way, before the ledger is said to be out of bounds; held
 * by test/pod/fairness.test.ts. Measured, not proven: at most 1.6 with everybody eligible and weights of 1 to
 * 1,000 (4 to 64 members), at most 1.4 over 20,000 leads of random eligibility (2 to 100 members), just below 2 over two
 * simulated months of staggered hours and daily caps in pods of up to 16, where pods of 20 reach 2.4 and of 64 3.2: the
 * harmonic number of the pod's size, or 2 where that is less, covers them all.
 *
 * It is a bound on drawing alone. Three things move a balance without a draw: a leaver's is spread over the rest, a claim
 * given back returns its turn to the rep, and in pods that debit it a lead from outside the rotation counts. A pod may
 * be outside the bound after any of them; the leads that follow bring it back.
 */
function boundOf(members: number): number {
  let harmonic = 0;
  for (let n = 1; n <= members; n++) harmonic += 1 / n;
  return Math.max(2, Math.round(harmonic * 100) / 100);
}

const fairnessQuery = z.strictObject({ pod: text(63).optional() });

const share = z
  .strictObject({
    repId: z.string(),
    weight: z.int(),
    expected: z.number(),
    received: z.number(),
    owed: z.number(),
  })
  .meta({
    id: "Share",
    description: "Leads a member got, should have got and is owed since they joined.",
  });

const podFairness = z.union([
  z.strictObject({
    podId: z.string(),
    at: isoText,
    members: z.array(share).readonly(),
    largestDeviation: z.number(),
    bound: z.number(),
    withinBound: z.boolean(),
  }),
  z.strictObject({ podId: z.string(), error: z.literal("unreachable") }),
]);

/** What is measured, not what is listed: fairness and capacity from the pods' live ledgers, the rest from the rollups. */
export function metricsApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/fairness",
      tag: "Metrics",
      summary: "Is the rotation fair?",
      query: fairnessQuery,
      answers: {
        200: {
          description: "Each pod's shares.",
          schema: z.strictObject({ pods: z.array(podFairness).readonly() }),
          example: {
            pods: [
              {
                podId: "dach",
                at: "2026-11-22T09:30:00.007Z",
                members: [
                  {
                    repId: "ana",
                    weight: 1,
                    expected: 0.666666667,
                    received: 1,
                    owed: -0.333333333,
                  },
                  { repId: "bo", weight: 2, expected: 1.333333333, received: 1, owed: 0.333333333 },
                ],
                largestDeviation: 0.333333333,
                bound: 2,
                withinBound: true,
              },
            ],
          },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, query: { pod } }) => {
      const podIds = deps.chain.pods.map(({ id }) => id);
      if (pod !== undefined && !podIds.includes(pod)) throw noPod(pod);
      const asked = pod === undefined ? podIds : [pod];
      const pods = await Promise.all(asked.map((id) => measureFairness(deps, id)));
      return { status: 200, body: { pods } };
    },
  );

  addCapacityMetric(api);
  addAssignmentsMetric(api);
  addTimesMetric(api);
  addRulesMetric(api);
  addUnassignedMetric(api);
  return api;
}

/**
 * Expected, received and owed leads of each member since they joined, and how far the furthest is from their share.
 * A weight change counts from the next lead: what was expected before it stays.
 */
async function measureFairness(deps: Deps, podId: string) {
  const snapshot = await askPod(deps, podId);
  if (snapshot === null) return { podId, error: "unreachable" as const };
  const members = snapshot.members.map((member) => ({
    repId: member.repId,
    weight: member.weight,
    ...shareOf(member),
  }));
  const largestDeviation = Math.max(0, ...members.map(({ owed }) => Math.abs(owed)));
  const bound = boundOf(members.length);
  return {
    podId,
    at: isoInstant(snapshot.at),
    members,
    largestDeviation,
    bound,
    withinBound: largestDeviation < bound,
  };
}
