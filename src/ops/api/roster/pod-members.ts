import { z } from "zod";
import {
  type Member,
  type MemberRefused,
  putMember,
  readMember,
  type Removal,
  removeMember,
  type Saved,
} from "../../../roster/index.ts";
import { requireConfirmed } from "../confirm.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import {
  deleteHeaders,
  editUnderConditions,
  etagHeader,
  putHeaders,
  sameValues,
  tagOf,
} from "../etag.ts";
import { cap, id, refuseFields, should } from "../input.ts";
import { memberFields } from "./pod-shapes.ts";
import { noPod } from "./pods.ts";
import { presentMember } from "../present.ts";
import { Problem } from "../problem.ts";

const WEIGHT = should("a whole number from 1 to 1000");

const memberBody = z.strictObject({
  weight: z
    .int({ error: WEIGHT })
    .min(1, { error: WEIGHT })
    .max(1000, { error: WEIGHT })
    .default(1)
    .meta({ description: "Share of the pod's leads relative to other members." }),
  dailyCap: cap.meta({ description: "Leads a day here; null = the pod's default." }),
  openCap: cap.meta({ description: "Open leads here; null = the pod's default." }),
});

const memberKey = z.object({ pod: z.string(), rep: id });

const podMember = z
  .strictObject({ podId: z.string(), ...memberFields })
  .meta({ id: "PodMember", description: "A rep's settings in one pod." });

const BO: z.infer<typeof podMember> = {
  podId: "dach",
  repId: "bo",
  weight: 2,
  dailyCap: null,
  openCap: 40,
  joinedAt: "2026-11-02T08:15:00.000Z",
};

/** `/pods/{pod}/members`: who takes turns. */
export function podMembersApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/pods/{pod}/members/{rep}",
      tag: "Pods",
      summary: "A rep's settings in a pod",
      params: memberKey,
      answers: {
        200: { description: "The settings.", headers: etagHeader, schema: podMember, example: BO },
      },
      problems: ["not_found"],
    },
    async ({ deps, params: { pod, rep } }) => {
      const member = await readMember(deps.db, pod, rep);
      if (member === null) throw noMember(pod, rep);
      return {
        status: 200,
        body: { podId: pod, ...presentMember(member) },
        headers: { ETag: tagOf(member) },
      };
    },
  );

  endpoint(
    api,
    {
      method: "put",
      path: "/pods/{pod}/members/{rep}",
      tag: "Pods",
      summary: "Put a rep into a pod, or change their settings there",
      description: "Answered once the pod has it; 503 = saved but not confirmed: repeat it.",
      params: memberKey,
      headers: putHeaders,
      body: memberBody,
      bodyExample: { weight: 2, openCap: 40 },
      answers: {
        200: {
          description: "They were a member before.",
          headers: etagHeader,
          schema: podMember,
          example: BO,
        },
        201: { description: "They joined.", headers: etagHeader, schema: podMember, example: BO },
      },
      problems: ["not_found", "precondition_failed", "unavailable"],
    },
    async ({ deps, actor, params: { pod, rep }, body, request }) => {
      if (!deps.chain.pods.some(({ id: podId }) => podId === pod)) throw noPod(pod);
      const saved = await editUnderConditions<Member, Saved<Member> | MemberRefused>(request, {
        read: () => readMember(deps.db, pod, rep),
        stands: (seen) => seen !== null && sameValues({ ...seen, ...body }, seen),
        write: (seen) => putMember(deps, actor, pod, rep, body, seen),
      });
      switch (saved.outcome) {
        case "unknown_pod":
          throw noPod(pod);
        case "unknown_rep":
          throw refuseFields([{ field: "rep", message: `names no rep: there is no ${rep}` }]);
        case "inactive_rep":
          throw refuseFields([{ field: "rep", message: `names a deactivated rep: ${rep}` }]);
      }
      requireConfirmed(saved.unconfirmed);
      return {
        status: saved.outcome === "added" ? 201 : 200,
        body: { podId: pod, ...presentMember(saved.value) },
        headers: { ETag: tagOf(saved.value) },
      };
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/pods/{pod}/members/{rep}",
      tag: "Pods",
      summary: "Take a rep out of a pod",
      description: "Answered once the pod has it; 503 = saved but not confirmed: repeat it.",
      params: memberKey,
      headers: deleteHeaders,
      answers: { 204: { description: "They are no member any more." } },
      problems: ["not_found", "precondition_failed", "unavailable"],
    },
    async ({ deps, actor, params: { pod, rep }, request }) => {
      const { outcome, unconfirmed } = await editUnderConditions<Member, Removal>(request, {
        read: () => readMember(deps.db, pod, rep),
        stands: (seen) => seen === null,
        write: (seen) => removeMember(deps, actor, pod, rep, seen ?? undefined),
      });
      requireConfirmed(unconfirmed);
      if (outcome === "not_found") throw noMember(pod, rep);
      return { status: 204 };
    },
  );

  return api;
}

function noMember(pod: string, rep: string): Problem {
  return new Problem("not_found", `The pod ${pod} has no member ${rep}.`);
}
