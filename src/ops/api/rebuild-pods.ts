import { z } from "zod";
import { startEpoch } from "../../restore/index.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { instant, yesOrNo } from "./input.ts";
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

/** The variable of wrangler.toml that says which of its environments this is: "production", "staging". */
const ENVIRONMENT = "ENVIRONMENT";

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
        "decisions per pod. Repeating it is safe. With `dryRun` it only says which environment it is, and touches no database.",
      body: z.strictObject({
        reason,
        to: instant
          .optional()
          .meta({ description: "The instant the database was set back to, for the audit." }),
        dryRun: yesOrNo(false).meta({
          description: "Change nothing: say which environment this is, to a token that may write.",
        }),
      }),
      bodyExample: { reason: "a wrong import", to: "2026-11-22T10:00:00Z" },
      answers: {
        200: {
          description: "The epoch has begun; after `dryRun`, it could have.",
          schema: z.strictObject({
            environment: z.string().nullable().meta({
              description: "`ENVIRONMENT` of wrangler.toml: production, staging. Null: not set.",
            }),
            epoch: isoText
              .nullable()
              .meta({ description: "The instant it began names it. Null: none did." }),
            pods: z.array(podRebuilt).readonly(),
          }),
          example: {
            environment: "production",
            epoch: "2026-11-22T10:41:07.512Z",
            pods: [{ podId: "dach", outcome: "rebuilt", claims: 412, version: 12, cause: null }],
          },
        },
      },
    },
    async ({ deps, actor, body: { dryRun, ...wish } }) => {
      const environment = deps.secret(ENVIRONMENT);
      // Whoever asks is about to set the database back, or just did: it may lack a table.
      if (dryRun) return { status: 200, body: { environment, epoch: null, pods: [] } };
      const { epoch, pods } = await startEpoch(deps, actor, wish);
      const shown = pods.map((pod) => ({ claims: null, version: null, cause: null, ...pod }));
      return { status: 200, body: { environment, epoch: isoInstant(epoch), pods: shown } };
    },
  );

  return api;
}
