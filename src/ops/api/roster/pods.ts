import { z } from "zod";
import { candidateFields } from "../leads/lead-shapes.ts";
import { isoText, pageOf } from "../shapes.ts";
import type { Chain } from "../../../rules/chain.ts";
import type { Pod } from "../../../rules/pod.ts";
import type { Deps } from "../../../ports/deps.ts";
import { classifyFailure } from "../../../lib/failure.ts";
import { shareOf } from "../../../pod/index.ts";
import type { PodSnapshot } from "../../../ports/pod.ts";
import { listMembers, type Member } from "../../../roster/index.ts";
import { apiPart, type ApiPart, endpoint } from "../endpoint.ts";
import { isoInstant, presentCandidate, presentMember } from "../present.ts";
import { Problem } from "../problem.ts";

export const memberFields = {
  repId: z.string(),
  weight: z.int().meta({ description: "Share of the pod's leads relative to other members." }),
  dailyCap: z.int().nullable().meta({ description: "Null = the pod's default." }),
  openCap: z.int().nullable().meta({ description: "Null = the pod's default." }),
  joinedAt: isoText,
};

const memberShape = z
  .strictObject(memberFields)
  .meta({ id: "Member", description: "A rep's settings in one pod." });

const settingsShape = z
  .strictObject({
    dailyCap: z.int().nullable(),
    openCap: z.int().nullable(),
    debitOutside: z.boolean().optional(),
    holidays: z.array(z.iso.date()).readonly().optional(),
    whenNobody: z.enum(["next", "wait"]).optional(),
    waitAtMost: z
      .strictObject({
        days: z.int().optional(),
        hours: z.int().optional(),
        minutes: z.int().optional(),
      })
      .optional(),
  })
  .meta({ id: "PodSettings", description: "As rules.ts says; caps are members' defaults." });

export const podFields = {
  id: z.string(),
  settings: settingsShape,
  rules: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.string(),
        definition: z.record(z.string(), z.unknown()),
      }),
    )
    .readonly()
    .meta({ description: "The rules that send to this pod." }),
  members: z.array(memberShape).readonly().meta({ description: "In join order." }),
};

const podShape = z.strictObject(podFields).meta({ id: "Pod" });

/** What a pod's ledger says of a member, beside what trails say. */
export const ledgerFields = {
  open: z.int().meta({ description: "Leads neither closed nor routed on since." }),
  openCap: z.int().nullable(),
  received: z.int().meta({ description: "Leads got here since they joined." }),
  expected: z.number().meta({ description: "Leads that would have been fair." }),
  owed: z.number().meta({ description: "Expected less received." }),
};

const ledgerLine = z
  .strictObject({ ...candidateFields, ...ledgerFields })
  .meta({ id: "LedgerLine", description: "A member's current place in the pod's ledger." });

const podLedger = z
  .strictObject({
    version: z.int().meta({ description: "Of the roster that the pod holds." }),
    at: isoText.meta({ description: "The pod's clock." }),
    next: z.string().nullable().meta({ description: "Who would get the next lead." }),
    members: z.array(ledgerLine).readonly(),
    waiting: z
      .array(
        z.strictObject({
          leadId: z.string(),
          generation: z.int(),
          place: z.int().meta({ description: "1 = the first in line." }),
          since: isoText,
          until: isoText.meta({ description: "When the pod passes the lead on." }),
          reason: z.string(),
        }),
      )
      .readonly()
      .meta({ description: "Leads in line for somebody to become eligible, the first first." }),
    standing: z.int().meta({ description: "Claims drawn and not given back." }),
    held: z.int().meta({ description: "Those of them that no decision has settled yet." }),
  })
  .meta({ id: "PodLedger", description: "The pod's live state, from its Durable Object." });

const DACH: z.infer<typeof podShape> = {
  id: "dach",
  settings: { dailyCap: 15, openCap: null },
  rules: [
    {
      name: "DACH",
      kind: "territory",
      definition: { conditions: { countryCode: ["DE", "AT", "CH"] } },
    },
  ],
  members: [
    {
      repId: "bo",
      weight: 2,
      dailyCap: null,
      openCap: 40,
      joinedAt: "2026-11-02T08:15:00.000Z",
    },
  ],
};

const LEDGER: z.infer<typeof podLedger> = {
  version: 12,
  at: "2026-11-22T09:30:00.007Z",
  next: "bo",
  members: [
    {
      repId: "bo",
      eligibility: "eligible",
      reason: "has 7 of 15 leads today",
      until: null,
      count: 7,
      cap: 15,
      weight: 2,
      balance: 333333333,
      open: 11,
      openCap: 40,
      received: 182,
      expected: 182.333333333,
      owed: 0.333333333,
    },
  ],
  waiting: [],
  standing: 182,
  held: 0,
};

/** `/pods`: what rules.ts says of the pods, who is in them, and whose turn it is. Mounted under /api. */
export function podsApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/pods",
      tag: "Pods",
      summary: "All pods, with rules and members",
      answers: {
        200: {
          description: "Every pod of rules.ts, on one page.",
          schema: pageOf(podShape),
          example: { items: [DACH], nextCursor: null },
        },
      },
    },
    async ({ deps: { chain, db } }) => {
      const members = await listMembers(
        db,
        chain.pods.map(({ id }) => id),
      );
      const items = chain.pods.map((pod) => showPod(chain, pod, members));
      return { status: 200, body: { items, nextCursor: null } };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/pods/{pod}",
      tag: "Pods",
      summary: "Whose turn is it?",
      description:
        "The pod with its live ledger: who is next, who is not eligible, why and until when, which leads wait in line.",
      params: z.object({ pod: z.string() }),
      answers: {
        200: {
          description: "The pod.",
          schema: z.strictObject({ ...podFields, ledger: podLedger }).meta({ id: "PodWithLedger" }),
          example: { ...DACH, ledger: LEDGER },
        },
      },
      problems: ["not_found", "unavailable"],
    },
    async ({ deps, params }) => {
      const { chain, db } = deps;
      const pod = chain.pods.find(({ id }) => id === params.pod);
      if (!pod) throw noPod(params.pod);
      const [members, ledger] = await Promise.all([
        listMembers(db, [pod.id]),
        readLedger(deps, pod.id),
      ]);
      return {
        status: 200,
        body: { ...showPod(chain, pod, members), ledger: showLedger(ledger) },
      };
    },
  );

  return api;
}

async function readLedger(deps: Deps, podId: string): Promise<PodSnapshot> {
  try {
    return await deps.pod(podId).snapshot();
  } catch (error) {
    deps.log("warn", "pod_snapshot_failed", { pod: podId, failure: classifyFailure(error) });
    throw new Problem("unavailable", `The pod ${podId} does not answer just now.`);
  }
}

function showPod(chain: Chain, { id, settings }: Pod, members: readonly Member[]) {
  return {
    id,
    settings: { dailyCap: null, openCap: null, ...settings },
    rules: chain.rules
      .filter(({ pod }) => pod?.id === id)
      .map(({ name, kind, definition }) => ({ name, kind, definition })),
    members: members.filter(({ podId }) => podId === id).map(presentMember),
  };
}

function showLedger({ at, members, waiting, ...ledger }: PodSnapshot) {
  return {
    ...ledger,
    at: isoInstant(at),
    members: members.map(showLine),
    waiting: waiting.map(({ since, until, ...lead }) => ({
      ...lead,
      since: isoInstant(since),
      until: isoInstant(until),
    })),
  };
}

/** A member's line: `count` is today's, `balance` is what is owed in the ledger's units, as trails have it. */
function showLine(line: PodSnapshot["members"][number]) {
  return { ...presentCandidate(line), ...shareOf(line) };
}

/** A pod's live state; null when the pod does not answer, which must not hide the others. */
export async function askPod(
  { pod, log }: Pick<Deps, "pod" | "log">,
  podId: string,
): Promise<PodSnapshot | null> {
  try {
    return await pod(podId).snapshot();
  } catch (error) {
    log("warn", "pod_not_asked", { pod: podId, failure: classifyFailure(error) });
    return null;
  }
}

export function noPod(podId: string): Problem {
  return new Problem("not_found", `There is no pod ${podId} in rules.ts.`);
}
