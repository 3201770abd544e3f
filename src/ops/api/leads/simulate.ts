import { z } from "zod";
import type { Lead } from "../../../rules/lead.ts";
import type { Deps } from "../../../ports/deps.ts";
import { classifyFailure } from "../../../lib/failure.ts";
import { simulate, type Simulated, type SimulationInput } from "../../../routing/index.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { DECISION, LEAD } from "./lead-examples.ts";
import { leadShape, trailStepShape } from "./lead-shapes.ts";
import { isoInstant, presentStep } from "../present.ts";
import { Problem } from "../problem.ts";
import { isoText } from "../shapes.ts";
import { readWish, simulateBody } from "./simulated-lead.ts";

const normalisedLead = leadShape
  .omit({ id: true, receivedAt: true, erasedAt: true })
  .meta({ id: "NormalisedLead", description: "A lead as the rules see it." });

const simulation = z
  .strictObject({
    at: isoText,
    chainVersion: z.string(),
    outcome: z.enum(["assigned", "unassigned", "waiting"]).meta({
      description: "`waiting`: nobody can take it for now, and a pod would keep it in line.",
    }),
    ownerId: z.string().nullable(),
    podId: z.string().nullable(),
    rule: z.string().nullable(),
    reason: z.string().meta({ description: "In words that a sales rep understands." }),
    until: isoText.nullable().meta({ description: "When the pod would give up waiting." }),
    trail: z.array(trailStepShape).readonly().meta({
      description: "As a real decision would have it; of a waiting lead the rules before the pod.",
    }),
    lead: normalisedLead,
    notes: z.array(z.string()).readonly().meta({ description: "What to know about this answer." }),
  })
  .meta({ id: "Simulation" });

const { id: _, receivedAt: __, erasedAt: ___, ...EXAMPLE_LEAD } = LEAD;

/** "What would happen if …", and nothing happens. Mounted under /api. */
export function simulateApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/simulate",
      tag: "Rules",
      summary: "What would happen to this lead?",
      description:
        "Takes a lead down the chain by the real walk, draws and caps, and tells the trail. Writes nothing and moves nobody's turn. Leads in a pod's line come first, as they would.",
      body: simulateBody,
      bodyExample: {
        lead: { email: "jane@acme-robotics.de", country: "Germany", lead_source: "webinar" },
      },
      answers: {
        200: {
          description: "What the router would decide.",
          schema: simulation,
          example: {
            at: DECISION.decidedAt,
            chainVersion: DECISION.chainVersion,
            outcome: "assigned",
            ownerId: DECISION.ownerId,
            podId: DECISION.podId,
            rule: DECISION.rule,
            reason: DECISION.reason,
            until: null,
            trail: DECISION.trail,
            lead: EXAMPLE_LEAD,
            notes: [],
          },
        },
      },
      problems: ["not_found", "conflict", "unavailable"],
    },
    async ({ deps, body }) => {
      const { notes, ...wish } = await readWish(deps, body);
      const now = deps.now();
      const result = await run(deps, { ...wish, at: body.at ?? null });
      return {
        status: 200,
        body: {
          at: isoInstant(body.at ?? now),
          chainVersion: deps.chain.version,
          ...result,
          until: result.until === null ? null : isoInstant(result.until),
          trail: result.trail.map(presentStep),
          lead: presentNormalised(wish.lead),
          notes: [...notes, ...(body.at === undefined ? [] : noteInstant(body.at, now))],
        },
      };
    },
  );

  return api;
}

async function run(deps: Deps, wish: SimulationInput): Promise<Simulated> {
  const result = await simulate(deps, wish);
  if (result.outcome !== "unreachable") return result;
  const { podId, cause } = result;
  deps.log("warn", "pod_not_asked", { pod: podId, failure: classifyFailure(cause) });
  throw new Problem("unavailable", `The pod ${podId} does not answer just now.`);
}

function presentNormalised({ id: _id, receivedAt: _at, ...lead }: Lead) {
  return lead;
}

/** Pods forget daily counts after so long: see `forgetOldDays`. */
const DAYS_KNOWN_MS = 2 * 24 * 60 * 60 * 1000;

function noteInstant(at: number, now: number): readonly string[] {
  return [
    "Absences, working hours, holidays and days are those of the instant; members, ledgers, open leads and lines are as they are now.",
    ...(at > now ? ["Leads that come in until then are not foreseen."] : []),
    ...(at < now - DAYS_KNOWN_MS
      ? [
          "Pods have forgotten how many leads each member got that day: daily caps of pods count from zero.",
        ]
      : []),
  ];
}
