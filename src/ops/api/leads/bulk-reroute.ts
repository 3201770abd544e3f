import { z } from "zod";
import type { LeadFilter, ListKey } from "../../../record/lead-lists.ts";
import type { RerouteCandidate } from "../../../record/reroute-candidates.ts";
import { canonicalJson } from "../../../rules/chain.ts";
import { sha256Hex } from "../../../lib/digest.ts";
import { rerouteInBulk } from "../../../routing/index.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { LEAD_ID } from "./lead-examples.ts";
import { bulkBody, bulkFilter, bulkStep } from "./bulk-reroute-shapes.ts";

const BULK = "019aab1e-5e80-7cc3-98a4-7f4d9b6a1c11";
/** Of a cursor: the list's name, the bulk's, what was asked for, and the last lead that was looked at. */
const cursorKey = z.tuple([z.literal("bulk"), z.uuid(), z.string(), z.string(), z.string()]);

/** Re-routing many leads at once: after wrong rules were taken back. */
export function bulkRerouteApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/route",
      tag: "Leads",
      summary: "Route many leads again",
      description: [
        "For when wrong rules were live and are rolled back: those of `chainVersion` go through today's rules. Up to 100 leads a",
        "step, oldest first; repeat with `nextCursor` until it is null. It only looks unless `dryRun` is false. What was re-routed",
        "by a step whose answer was lost is left alone when the step is repeated, under the same `bulk` or cursor.",
      ].join("\n"),
      body: bulkBody,
      bodyExample: {
        filter: { from: "2026-11-23T08:00:00Z", chainVersion: "a1b2c3d4e5f6" },
        reason: "the DACH rule was wrong",
        dryRun: true,
      },
      answers: {
        200: {
          description: "What this step did, or would do.",
          schema: bulkStep,
          example: {
            bulk: BULK,
            dryRun: true,
            rerouted: [{ leadId: LEAD_ID, generation: 1, ownerId: "bo", rule: "DACH" }],
            byOwner: { bo: 1 },
            byRule: { DACH: 1 },
            leftAlone: [],
            nextCursor: null,
          },
        },
      },
    },
    async ({ deps, actor, body: asked }) => {
      const { cursor, dryRun, excludeOwner, includeByHand, limit, reason: why } = asked;
      const filter = filterOf(asked.filter);
      const of = digestOf({ filter, dryRun, includeByHand });
      const begun = cursor === undefined ? null : readCursor(cursor, of);
      const bulk = begun?.bulk ?? asked.bulk ?? deps.newId();
      const step = await rerouteInBulk(deps, actor, {
        bulk,
        filter,
        reason: why,
        dryRun,
        excludeOwner,
        includeByHand,
        after: begun?.after ?? null,
        limit,
      });
      return {
        status: 200,
        body: {
          bulk,
          dryRun,
          rerouted: step.rerouted.map(present),
          byOwner: countBy(step.rerouted, ({ ownerId }) => ownerId ?? "nobody"),
          byRule: countBy(step.rerouted, ({ rule }) => rule ?? "none"),
          leftAlone: step.leftAlone,
          nextCursor:
            step.next && encodeCursor(["bulk", bulk, of, step.next.day, step.next.leadId]),
        },
      };
    },
  );

  return api;
}

function filterOf(asked: z.infer<typeof bulkFilter>): LeadFilter {
  const { chainVersion = null, rule = null, pod = null, owner = null } = asked;
  const { outcome = null, source = null, from, to = null } = asked;
  return { email: null, owner, pod, rule, outcome, source, chainVersion, from, to };
}

/** Names what a bulk takes in: one that only looked is not to carry on for real where it stopped, nor with another filter. */
function digestOf(asked: Readonly<Record<string, unknown>>): string {
  return sha256Hex(canonicalJson(asked)).slice(0, 16);
}

function readCursor(
  cursor: string,
  wanted: string,
): { readonly bulk: string; readonly after: ListKey } {
  const key = cursorKey.refine(([, , of]) => of === wanted);
  const [, bulk, , day, leadId] = decodeCursor(cursor, key);
  return { bulk, after: { day, leadId } };
}

function present({ leadId, generation, ownerId, rule }: RerouteCandidate) {
  return { leadId, generation, ownerId, rule };
}

function countBy(
  candidates: readonly RerouteCandidate[],
  nameOf: (candidate: RerouteCandidate) => string,
): Record<string, number> {
  const grouped = Map.groupBy(candidates, nameOf);
  return Object.fromEntries([...grouped].map(([name, { length }]) => [name, length]));
}
