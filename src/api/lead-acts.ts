import { Hono } from "hono";
import { z } from "zod";
import { leadBehind } from "../intake/leads.ts";
import type { Deps } from "../deps.ts";
import { assignByHand } from "../routing/assign.ts";
import { closeLead } from "../routing/close.ts";
import { eraseLead } from "../routing/erase.ts";
import type { Obstacle, ObstacleKind } from "../routing/obstacle.ts";
import { requestReroute } from "../routing/reroute.ts";
import { rows } from "../storage/query.ts";
import type { ApiEnv } from "./app.ts";
import { id, readJson, refuseFields, should, text } from "./input.ts";
import { isoInstant, presentDecision } from "./present.ts";
import { Problem } from "./problem.ts";

/** Characters of a reason: a sentence or three. It is kept in the audit for ever. */
const LONGEST_REASON = 500;

/** An e-mail address, or seven digits and more however they are grouped. */
const CONTACT = /\S@\S|(?:\d[\s()./-]*){7}/;

// The audit outlives the erasure of a lead: what could not be erased from it is kept out of it.
const reason = text(LONGEST_REASON).refine((why) => !CONTACT.test(why), {
  error: "should hold no address and no number: the audit keeps it, also when the lead is erased",
});
/** The newest generation that the caller has seen; 0 = it was undecided. */
const generation = z
  .int({ error: should("a whole number, 0 or more") })
  .min(0, { error: should("a whole number, 0 or more") })
  .optional();

export const rerouteBody = z
  .strictObject({
    force: z.boolean({ error: should("true or false") }).default(false),
    reason: reason.optional(),
    generation,
    excludeOwner: z.boolean({ error: should("true or false") }).default(true),
  })
  .refine(({ force, reason: why }) => !force || why !== undefined, {
    path: ["reason"],
    error: "is required with force",
  });
export const assignBody = z.strictObject({ ownerId: id, reason, generation });
export const closeBody = z.strictObject({ reason });

/** What people do to a lead: re-route, assign by hand, close, erase. */
export function leadActsApi(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.post("/leads/:id/route", async (c) => {
    const { deps, actor } = c.var;
    const {
      force,
      reason: why,
      generation: seen,
      excludeOwner,
    } = await readJson(c.req.raw, rerouteBody);
    const leadId = await findLeadId(deps, c.req.param("id"));
    const wish = { force, reason: why ?? "", generation: seen, excludeOwner };
    const result = await requestReroute(deps, actor, leadId, wish);
    switch (result.outcome) {
      case "requested":
        return c.json({ leadId: result.leadId, generation: result.generation }, 202);
      case "not_found":
        throw noSuchLead();
      case "decided":
        throw new Problem("conflict", explainDecided(result.situation));
      case "refused":
        throw new Problem("conflict", explainObstacle(result));
    }
  });

  app.post("/leads/:id/assign", async (c) => {
    const { deps, actor } = c.var;
    const wish = await readJson(c.req.raw, assignBody);
    const leadId = await findLeadId(deps, c.req.param("id"));
    const result = await assignByHand(deps, actor, leadId, wish);
    switch (result.outcome) {
      case "assigned":
        return c.json(presentDecision(result.decision));
      case "not_found":
        throw noSuchLead();
      case "no_such_rep":
        throw refuseFields([{ field: "ownerId", message: `names no active rep: ${wish.ownerId}` }]);
      case "refused":
        throw new Problem("conflict", explainObstacle(result));
    }
  });

  app.post("/leads/:id/close", async (c) => {
    const { deps, actor } = c.var;
    const wish = await readJson(c.req.raw, closeBody);
    const leadId = await findLeadId(deps, c.req.param("id"));
    const result = await closeLead(deps, actor, leadId, wish);
    switch (result.outcome) {
      case "closed":
        return c.json({
          leadId: result.leadId,
          generation: result.generation,
          closedAt: isoInstant(result.closedAt),
        });
      case "not_found":
        throw noSuchLead();
      case "refused":
        throw new Problem("conflict", explainObstacle(result));
    }
  });

  app.delete("/leads/:id", async (c) => {
    const { deps, actor } = c.var;
    const result = await eraseLead(deps, actor, await findLeadId(deps, c.req.param("id")));
    switch (result.outcome) {
      case "erased":
        return c.body(null, 204);
      case "not_found":
        throw noSuchLead();
      case "busy":
        throw new Problem(
          "conflict",
          "The lead kept moving while it was to be erased. Repeat the request.",
        );
    }
  });

  return app;
}

/** The lead's own id behind one that a caller was given. An alias is for ever, so this may be read ahead of the act. */
async function findLeadId(deps: Deps, given: string): Promise<string> {
  const [lead] = await rows(deps.db, leadBehind(given));
  if (lead === undefined) throw noSuchLead();
  return lead.id;
}

export function noSuchLead(): Problem {
  return new Problem("not_found", "There is no lead with this id.");
}

const OBSTACLES: Readonly<Record<ObstacleKind, string>> = {
  erased: "The lead's personal data was erased: nobody can work on it any more.",
  undecided: "The lead is not decided yet.",
  intent: "A re-route of the lead is under way.",
  closed: "The lead is closed.",
  superseded: "The lead was decided again since you looked.",
};

function explainObstacle({ obstacle, situation }: Obstacle): string {
  return situation.newest === 0 || obstacle === "undecided"
    ? OBSTACLES[obstacle]
    : `${OBSTACLES[obstacle]} ${explainStanding(situation)}`;
}

function explainDecided(situation: Obstacle["situation"]): string {
  return `${explainStanding(situation)} Once assigned means assigned: to route it again, send "force": true with a reason.`;
}

function explainStanding({ newest, outcome, ownerId }: Obstacle["situation"]): string {
  const what = outcome === "assigned" ? `it is assigned to ${ownerId}` : "it is unassigned";
  return `Generation ${newest} stands: ${what}.`;
}
