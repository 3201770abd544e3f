import { z } from "zod";
import { countConsistency } from "../audit/consistency.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { slackSecretsOf } from "../../notify/index.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { LEAD_ID } from "./leads/lead-examples.ts";

const count = z.int().min(0);
const unknowable = count.nullable();

const podCounts = z
  .strictObject({
    podId: z.string(),
    claims: unknowable.meta({ description: "Claims it took and not gave back." }),
    held: unknowable.meta({ description: "Those of them still to be settled." }),
    version: unknowable.meta({ description: "Version of the roster it holds." }),
    decisions: count.meta({ description: "Decisions that rest on a claim of the pod." }),
    versionInD1: count.meta({ description: "Version of the roster it should hold." }),
  })
  .meta({
    id: "PodCounts",
    description:
      "At rest nothing is held, claims equal decisions, and the versions are the same. `claims`, `held` and `version` are null when the pod did not answer.",
  });

const consistency = z
  .strictObject({
    balanced: z.boolean().meta({
      description:
        "Every lead is assigned, unassigned or undecided, and nothing is counted that is no lead.",
    }),
    leads: count,
    assigned: count.meta({ description: "By each lead's newest generation." }),
    unassigned: count,
    undecided: count,
    pending: z
      .strictObject({ route: count, notify: count, release: count, debit: count })
      .meta({ description: "What needs another go, by kind." }),
    oldestUndecided: z.strictObject({ leadId: z.string(), ageSeconds: count }).nullable(),
    oldestUnnotified: z
      .strictObject({ leadId: z.string(), generation: z.int(), ageSeconds: count })
      .nullable()
      .meta({ description: "The oldest decision of which nobody was told." }),
    pods: z.array(podCounts).readonly(),
  })
  .meta({ id: "Consistency" });

const settings = z
  .strictObject({
    chainVersion: z.string(),
    slack: z
      .array(
        z.strictObject({
          name: z.string(),
          what: z.string().meta({ description: "What it is for, and what happens without it." }),
          pods: z.array(z.string()).readonly().meta({ description: "Pods whose channel it is." }),
          required: z
            .boolean()
            .meta({ description: "Whether nobody hears of something without it." }),
          isSet: z.boolean(),
        }),
      )
      .readonly()
      .meta({ description: "The secrets that messages to Slack need. Never their values." }),
  })
  .meta({ id: "Settings" });

/** What is deployed, whether what the tables and the pods count agrees, and what waits. */
export function healthApi(): ApiPart {
  const api = apiPart();
  endpoint(
    api,
    {
      method: "get",
      path: "/health",
      tag: "Health",
      summary: "What is deployed and set?",
      answers: {
        200: {
          description: "The rules' version, and which secrets are set.",
          schema: settings,
          example: {
            chainVersion: "3f2a9c0d1e4b",
            slack: [
              {
                name: "SLACK_OPS_WEBHOOK_URL",
                what: "The channel of ops; without it nobody is told of leads without a rep, of stuck leads and of broken channels.",
                pods: [],
                required: true,
                isSet: false,
              },
            ],
          },
        },
      },
    },
    async ({ deps: { chain, secret } }) => {
      const slack = slackSecretsOf(chain, secret);
      return { status: 200, body: { chainVersion: chain.version, slack } };
    },
  );
  endpoint(
    api,
    {
      method: "get",
      path: "/health/consistency",
      tag: "Health",
      summary: "Does everything add up?",
      description: "Reads whole tables and asks every pod: for now and then, not for every minute.",
      answers: {
        200: {
          description: "The counts.",
          schema: consistency,
          example: {
            balanced: true,
            leads: 1204,
            assigned: 1187,
            unassigned: 15,
            undecided: 2,
            pending: { route: 0, notify: 1, release: 0, debit: 0 },
            oldestUndecided: { leadId: LEAD_ID, ageSeconds: 1 },
            oldestUnnotified: { leadId: LEAD_ID, generation: 1, ageSeconds: 2 },
            pods: [
              {
                podId: "dach",
                claims: 412,
                held: 0,
                version: 12,
                decisions: 412,
                versionInD1: 12,
              },
            ],
          },
        },
      },
    },
    async ({ deps }) => ({ status: 200, body: await checkConsistency(deps) }),
  );
  return api;
}

/** Reads whole tables (see `countConsistency`) and asks every pod once. */
async function checkConsistency(deps: Deps): Promise<z.infer<typeof consistency>> {
  const podIds = deps.chain.pods.map(({ id }) => id);
  const counted = await countConsistency(deps.db, podIds);
  const pods = await Promise.all(
    podIds.map(async (podId) => ({
      podId,
      ...(await askCounts(deps, podId)),
      decisions: counted.podDecisions.get(podId) ?? 0,
      versionInD1: counted.podVersions.get(podId) ?? 0,
    })),
  );
  const { leads, assigned, unassigned, undecided, pending, oldestUndecided, oldestUnnotified } =
    counted;
  const ageSeconds = (since: number) => Math.max(0, Math.round((deps.now() - since) / 1000));
  return {
    balanced: leads === assigned + unassigned + undecided,
    leads,
    assigned,
    unassigned,
    undecided,
    pending,
    oldestUndecided: oldestUndecided && {
      leadId: oldestUndecided.leadId,
      ageSeconds: ageSeconds(oldestUndecided.receivedAt),
    },
    oldestUnnotified: oldestUnnotified && {
      leadId: oldestUnnotified.leadId,
      generation: oldestUnnotified.generation,
      ageSeconds: ageSeconds(oldestUnnotified.committedAt),
    },
    pods,
  };
}

/** A pod's claims, those of them unsettled, and its roster's version; all null when the pod did not answer. */
async function askCounts(
  deps: Deps,
  podId: string,
): Promise<{ claims: number | null; held: number | null; version: number | null }> {
  try {
    const { standing, held, version } = await deps.pod(podId).snapshot();
    return { claims: standing, held, version };
  } catch (error) {
    deps.log("warn", "pod_not_asked", { pod: podId, error: failureMessage(error) });
    return { claims: null, held: null, version: null };
  }
}
