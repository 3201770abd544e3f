import { z } from "zod";
import { appendCommit, insertEvents, replayedDetail, replayedEvent } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { RouterError } from "../../lib/failure.ts";
import { rows, writeThenRead } from "../../lib/query.ts";
import type { Doubt } from "./adapter.ts";
import { dropKept, keptById, keptFromRow, type KeptReason } from "./deliveries.ts";
import { findSourceByName } from "../../rules/source.ts";
import { takeDelivery, type TakenLead } from "./take.ts";

export type Replayed =
  | { readonly outcome: "taken"; readonly leads: readonly TakenLead[] }
  /** Nothing is kept under this id, or its time is over. */
  | { readonly outcome: "not_found" }
  /** rules.ts declares no such source, or says that it was given up. */
  | { readonly outcome: "no_source"; readonly source: string }
  /** Still the matter: it stays where it is. */
  | {
      readonly outcome: "left";
      readonly source: string;
      readonly reason: KeptReason;
      readonly doubt?: Doubt;
    }
  | { readonly outcome: "unavailable" };

const detail = z.object({
  leads: z.array(
    z.object({ leadId: z.string(), outcome: z.enum(["received", "duplicate", "quarantined"]) }),
  ),
});

/**
 * Takes a delivery that was kept as if it came now, but judges its signature by when it came: with the secrets and the
 * declaration of today. Then nothing of it is kept any more. Repeating it answers the same. Rejects when the outcome is
 * unknown; safe to repeat.
 */
export async function replayDelivery(deps: Deps, actor: string, id: string): Promise<Replayed> {
  const [row] = await rows(deps.db, keptById(id, deps.now()));
  if (row === undefined) {
    const [done] = await rows(deps.db, replayedDetail(id));
    return done === undefined ? { outcome: "not_found" } : readDone(done);
  }
  const { source: name, reason, receivedAt, delivery } = keptFromRow(row);
  const found = findSourceByName(deps.sources, name);
  if (found.outcome === "unknown" || found.outcome === "archived")
    return { outcome: "no_source", source: name };
  const taken = await takeDelivery(deps, found.source, delivery, receivedAt);
  if (taken.outcome === "left") return { ...taken, source: name };
  if (taken.outcome === "unavailable") return taken;

  const now = deps.now();
  const event = replayedEvent(id, actor, now, { source: name, reason, leads: taken.leads });
  const [[done]] = await writeThenRead(
    deps.db,
    [insertEvents([event]), appendCommit(now, [], [event]), dropKept(id)],
    [replayedDetail(id)],
  );
  if (done === undefined) throw new RouterError("a replay just recorded is not there");
  return readDone(done);
}

function readDone(done: { readonly detail: string }): Replayed {
  return { outcome: "taken", leads: detail.parse(JSON.parse(done.detail)).leads };
}
