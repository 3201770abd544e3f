import { z } from "zod";
import { startEpoch } from "../restore/start-epoch.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { instant } from "./input.ts";
import { reason } from "./leads/lead-act.ts";
import { isoInstant } from "./present.ts";
import { isoText } from "./shapes.ts";

const podRebuilt = z
  .strictObject({
    podId: z.string(),
    outcome: z.enum(["rebuilt", "later"]).meta({
      description:
        "`later`: it did not answer. It counts anew when it next does, before it draws for anybody.",
    }),
    claims: z
      .int()
      .nullable()
      .meta({ description: "Decisions that rest on a claim of the pod, as it counted them." }),
    version: z.int().nullable().meta({ description: "Version of the roster it took." }),
    cause: z.string().nullable().meta({ description: "Why it did not answer." }),
  })
  .meta({ id: "PodRebuilt" });

/** `/pods/rebuild`. Mounted under /api. */
export function rebuildPodsApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/pods/rebuild",
      tag: "Pods",
      summary: "Have every pod count anew from the decisions",
      description:
        "For after the database was set back (`npm run restore` calls it): pods still count decisions that are gone. Begins an " +
        "epoch: no decision rests any more on what was read or claimed before, and each pod takes its claims, counts, open " +
        "leads and roster from the database. Its ledger of whose turn it is stays, but for claims that became no decision. " +
        "Leads in flight are routed once more. At any other time it changes nothing, and costs a reading of all " +
        "decisions per pod. Repeating it is safe.",
      body: z.strictObject({
        reason,
        to: instant
          .optional()
          .meta({ description: "The instant the database was set back to, for the audit." }),
      }),
      bodyExample: { reason: "a wrong import", to: "2026-11-22T10:00:00Z" },
      answers: {
        200: {
          description: "The epoch has begun.",
          schema: z.strictObject({
            epoch: isoText.meta({ description: "The instant it began names it." }),
            pods: z.array(podRebuilt).readonly(),
          }),
          example: {
            epoch: "2026-11-22T10:41:07.512Z",
            pods: [{ podId: "dach", outcome: "rebuilt", claims: 412, version: 12, cause: null }],
          },
        },
      },
    },
    async ({ deps, actor, body }) => {
      const { epoch, pods } = await startEpoch(deps, actor, body);
      const shown = pods.map((pod) => ({ claims: null, version: null, cause: null, ...pod }));
      return { status: 200, body: { epoch: isoInstant(epoch), pods: shown } };
    },
  );

  return api;
}
