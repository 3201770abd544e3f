import { z } from "zod";
import { fullDays, zonesOfCapped } from "../../../record/digests.ts";
import type { Deps } from "../../../ports/deps.ts";
import { localDay } from "../../../roster/index.ts";
import { rows } from "../../../lib/query.ts";
import { endpoint, type ApiPart } from "../endpoint.ts";
import { askPod } from "../roster/pods.ts";
import { isoInstant } from "../present.ts";
import { isoText } from "../shapes.ts";

const reachedCap = z
  .strictObject({
    repId: z.string(),
    podId: z.string().nullable().meta({
      description: "The pod whose cap it is; null = the rep's own cap, over everything.",
    }),
    counts: z.enum(["leads_today", "open_leads"]),
    count: z.int(),
    cap: z.int(),
    over: z.int().min(0).meta({ description: "Leads beyond the cap; 0 = it is just reached." }),
  })
  .meta({ id: "ReachedCap", description: "A cap that keeps a rep from getting more leads now." });

type ReachedCap = z.infer<typeof reachedCap>;

export function addCapacityMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/capacity",
      tag: "Metrics",
      summary: "Who is at a cap, or over one?",
      description:
        "Every cap that is reached now, in any pod or of the rep's own, the furthest over first. The router assigns nobody more than " +
        "their cap: a rep is over it after an assignment by hand, or when the cap was lowered. Asks every pod once.",
      answers: {
        200: {
          description: "The caps that are reached.",
          schema: z.strictObject({
            at: isoText,
            reached: z.array(reachedCap).readonly(),
            unreachable: z.array(z.string()).readonly().meta({
              description: "Pods that did not answer.",
            }),
          }),
          example: {
            at: "2026-11-24T12:30:00.007Z",
            reached: [
              { repId: "ines", podId: null, counts: "leads_today", count: 5, cap: 4, over: 1 },
              { repId: "chidi", podId: "sdr", counts: "open_leads", count: 20, cap: 20, over: 0 },
            ],
            unreachable: [],
          },
        },
      },
    },
    async ({ deps }) => {
      const now = deps.now();
      const [own, ...pods] = await Promise.all([
        findOwn(deps, now),
        ...deps.chain.pods.map(({ id }) => findInPod(deps, id)),
      ]);
      const reached = [...own, ...pods.flatMap((pod) => pod.reached)].toSorted(byUrgency);
      const unreachable = pods.filter(({ answered }) => !answered).map(({ podId }) => podId);
      return { status: 200, body: { at: isoInstant(now), reached, unreachable } };
    },
  );
}

/** The caps of people over everything, as the commit counts them. */
async function findOwn({ db }: Deps, now: number): Promise<readonly ReachedCap[]> {
  const zones = await rows(db, zonesOfCapped());
  if (zones.length === 0) return [];
  const days = Object.fromEntries(zones.map(({ timeZone }) => [timeZone, localDay(timeZone, now)]));
  const full = await rows(db, fullDays(days));
  return full.flatMap(({ repId, count, cap }) =>
    findReached({ repId, podId: null, counts: "leads_today", count }, cap),
  );
}

/** The caps of a pod's members, as the pod counts them. */
async function findInPod(deps: Deps, podId: string) {
  const snapshot = await askPod(deps, podId);
  const reached = (snapshot?.members ?? []).flatMap(({ repId, count, cap, open, openCap }) => [
    ...findReached({ repId, podId, counts: "leads_today", count }, cap),
    ...findReached({ repId, podId, counts: "open_leads", count: open }, openCap),
  ]);
  return { podId, answered: snapshot !== null, reached };
}

function findReached(
  counted: Omit<ReachedCap, "cap" | "over">,
  cap: number | null,
): readonly ReachedCap[] {
  const { count } = counted;
  return cap === null || count < cap ? [] : [{ ...counted, cap, over: count - cap }];
}

function byUrgency(a: ReachedCap, b: ReachedCap): number {
  return b.over - a.over || compare(a.repId, b.repId) || compare(a.podId ?? "", b.podId ?? "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
