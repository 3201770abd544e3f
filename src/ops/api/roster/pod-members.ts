import { z } from "zod";
import { type Member, putMember, readMember, removeMember } from "../../../roster/index.ts";
import { apiPart, type ApiPart } from "../endpoint.ts";
import { cap, id, refuseFields, should } from "../input.ts";
import { memberFields, noPod } from "./pods.ts";
import { presentMember } from "../present.ts";
import { resource } from "./resource.ts";

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

  resource(api, {
    path: "/pods/{pod}/members/{rep}",
    tag: "Pods",
    key: z.object({ pod: z.string(), rep: id }),
    etag: true,
    read: (db, { pod, rep }) => readMember(db, pod, rep),
    get: {
      summary: "A rep's settings in a pod",
      schema: podMember,
      show: showMember,
      found: { description: "The settings.", example: BO },
      missing: ({ pod, rep }) => `The pod ${pod} has no member ${rep}.`,
    },
    put: {
      summary: "Put a rep into a pod, or change their settings there",
      description: "Answered once the pod has it; 503 = saved but not confirmed: repeat it.",
      notFound: true,
      body: memberBody,
      bodyExample: { weight: 2, openCap: 40 },
      check({ deps, params: { pod } }) {
        if (!deps.chain.pods.some(({ id: podId }) => podId === pod)) throw noPod(pod);
      },
      async write({ deps, actor, params: { pod, rep }, body }, seen) {
        const saved = await putMember(deps, actor, pod, rep, body, seen);
        switch (saved.outcome) {
          case "unknown_pod":
            throw noPod(pod);
          case "unknown_rep":
            throw refuseFields([{ field: "rep", message: `"${rep}" does not exist` }]);
          case "inactive_rep":
            throw refuseFields([{ field: "rep", message: `"${rep}" is deactivated` }]);
          default:
            return saved;
        }
      },
      schema: podMember,
      show: ({ value }) => showMember(value),
      changed: { description: "They were a member before.", example: BO },
      added: { description: "They joined.", example: BO },
    },
    delete: {
      summary: "Take a rep out of a pod",
      description: "Answered once the pod has it; 503 = saved but not confirmed: repeat it.",
      write: ({ deps, actor, params: { pod, rep } }, seen) =>
        removeMember(deps, actor, pod, rep, seen),
      removed: "They are not a member any more.",
    },
  });

  return api;
}

function showMember(member: Member) {
  return { podId: member.podId, ...presentMember(member) };
}
