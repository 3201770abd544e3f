import { setTimeout as sleep } from "node:timers/promises";
import type { SlackServer } from "../../test/notify/slack/slack-server.ts";
import type { Stage } from "../driver/stage.ts";
import { announcedAt } from "./announced.ts";

/** A lead's instants, in milliseconds since the epoch. */
export interface LeadTimes {
  readonly receivedAt: number;
  readonly decidedAt: number;
  readonly notifiedAt: number;
}

const LOOK_EVERY_MS = 250;
/** After that without any progress a lead counts as lost, in milliseconds: four tries of what backs off. */
const PATIENCE_MS = 60_000;

/** Waits until so many leads of a tag are decided and announced. Rejects when they stop coming. */
export async function awaitLeads(
  stage: Stage,
  slack: SlackServer,
  tag: string,
  count: number,
): Promise<readonly LeadTimes[]> {
  let announced = announcedAt(slack, tag);
  let progressAt = Date.now();
  while (announced.size < count) {
    if (Date.now() - progressAt > PATIENCE_MS)
      throw new Error(
        `${count - announced.size} of ${count} leads were never announced\n${stage.readLogs().join("\n")}`,
      );
    await sleep(LOOK_EVERY_MS);
    const now = announcedAt(slack, tag);
    if (now.size > announced.size) progressAt = Date.now();
    announced = now;
  }
  // The instant that GET /api/metrics/time-to-assignment counts by.
  const { results } = await stage.db
    .prepare(
      `SELECT l.email, l.received_at AS receivedAt, d.committed_at AS decidedAt
        FROM leads AS l JOIN decisions AS d ON d.lead_id = l.id AND d.generation = 1 AND d.outcome = 'assigned'
        WHERE l.email LIKE ?1`,
    )
    .bind(`%@${tag}.example`)
    .all<{ email: string; receivedAt: number; decidedAt: number }>();
  if (results.length !== count)
    throw new Error(`${count - results.length} of ${count} leads were not assigned`);
  return results.map(({ email, ...times }) => {
    const notifiedAt = announced.get(email);
    if (notifiedAt === undefined) throw new Error("an assigned lead was never announced");
    return { ...times, notifiedAt };
  });
}
