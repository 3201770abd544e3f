import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage, RouterError } from "../lib/failure.ts";
import { rows, sql, writeThenRead } from "../lib/query.ts";
import { hastenRouting } from "../record/pending.ts";
import { beginEpoch, currentEpoch, epochFromRows, epochNow } from "../record/marks.ts";

/** What a pod did when it was shown the new epoch. */
type PodRebuilt =
  | {
      readonly podId: string;
      readonly outcome: "rebuilt";
      /** Decisions that rest on a claim of the pod, and claims it still holds. */
      readonly claims: number;
      /** Version of the roster it holds. */
      readonly version: number;
    }
  /** It did not answer: it counts anew when it next does, before it draws. */
  | { readonly podId: string; readonly outcome: "later"; readonly cause: string };

/** Why an epoch begins. */
export interface EpochWish {
  readonly reason: string;
  /** The instant to which D1 was set back, in milliseconds; left out = not said. */
  readonly to?: number | undefined;
}

export interface EpochStarted {
  /** The instant it began, in milliseconds. */
  readonly epoch: number;
  readonly pods: readonly PodRebuilt[];
}

/**
 * Begins an epoch: whatever was drawn, read or counted before no longer holds, and each pod of the chain counts anew from the
 * decisions. For after D1 was set back; does no harm at any other time. Rejects when the outcome is unknown; safe to
 * repeat: each call begins an epoch of its own.
 */
export async function startEpoch(
  deps: Deps,
  actor: string,
  wish: EpochWish,
): Promise<EpochStarted> {
  const before = epochFromRows(await rows(deps.db, currentEpoch()));
  const epoch = Math.max(deps.now(), before + 1);
  await begin(deps, epoch, actor, { ...wish, before });
  const asked = await Promise.all(deps.chain.pods.map(({ id }) => askPod(deps, id, epoch)));
  // A pod has lived in an epoch that D1 has forgotten, begun by a clock ahead of this one: only a later one goes for it.
  const latest = Math.max(...asked.map((one) => one.epoch));
  if (latest <= epoch) return { epoch, pods: asked.map(({ pod }) => pod) };
  await begin(deps, latest + 1, actor, { ...wish, before: epoch });
  const again = deps.chain.pods.map(({ id }) => askPod(deps, id, latest + 1));
  return { epoch: latest + 1, pods: (await Promise.all(again)).map(({ pod }) => pod) };
}

async function begin(
  deps: Deps,
  epoch: number,
  actor: string,
  { reason, to, before }: EpochWish & { readonly before: number },
): Promise<void> {
  const now = deps.now();
  const event = { subjectType: "epoch" as const, subjectId: String(epoch), id: deps.newId() };
  const setBackTo = to === undefined ? null : new Date(to).toISOString();
  const detail = JSON.stringify({ reason, setBackTo, before });
  const begun = sql`
    SELECT ${event.subjectType} AS subject_type, ${event.subjectId} AS subject_id, ${event.id} AS id,
      'epoch_begun' AS kind, ${detail} AS detail
    WHERE ${epochNow} = ${epoch}`;
  const [stands] = await writeThenRead(
    deps.db,
    [
      beginEpoch(epoch),
      insertEventsFrom(actor, now, begun),
      appendCommit(now, [], [event]),
      // Who stood in a pod's line may stand in none now: all that wait for a decision get their go at once.
      hastenRouting(now),
    ],
    [currentEpoch()],
  );
  if (epochFromRows(stands) !== epoch) throw new RouterError("a later epoch has begun meanwhile");
  deps.log("warn", "epoch_begun", { epoch });
}

/** Never rejects. */
async function askPod(
  deps: Deps,
  podId: string,
  epoch: number,
): Promise<{ readonly epoch: number; readonly pod: PodRebuilt }> {
  try {
    const held = await deps.pod(podId).catchUp(epoch);
    const { standing: claims, version } = held;
    return { epoch: held.epoch, pod: { podId, outcome: "rebuilt", claims, version } };
  } catch (error) {
    const cause = failureMessage(error);
    deps.log("warn", "pod_rebuilds_later", { pod: podId, error: cause });
    return { epoch, pod: { podId, outcome: "later", cause } };
  }
}
