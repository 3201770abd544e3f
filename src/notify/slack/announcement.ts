import { notificationEnded } from "../../record/events.ts";
import { type DecisionKey, keyList } from "../../record/decision-key.ts";
import { query, sql, type Query } from "../../lib/query.ts";

/** All that a message about one decision is made of, as D1 stands when the message is sent. */
export interface Announcement extends DecisionKey {
  readonly outcome: "assigned" | "unassigned";
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly slackUserId: string | null;
  readonly podId: string | null;
  readonly reason: string;
  readonly receivedAt: number;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly company: string | null;
  readonly companyDomain: string | null;
  readonly countryCode: string | null;
  readonly source: string | null;
  readonly score: number | null;
  /** 1 when this decision's notification has ended already, one way or the other. */
  readonly notified: 0 | 1;
  /** Milliseconds since the epoch; null = not erased. */
  readonly erasedAt: number | null;
  /** The newest generation decided: above `generation`, this decision is history. */
  readonly newestGeneration: number;
}

/** One row for each of these decisions that stands. */
export function announcementsOf(keys: readonly DecisionKey[]): Query<Announcement> {
  return query<Announcement>(sql`
    SELECT d.lead_id AS leadId, d.generation, d.outcome, d.owner_id AS ownerId, r.name AS ownerName,
      r.slack_user_id AS slackUserId, d.pod_id AS podId, d.reason, l.received_at AS receivedAt, l.name, l.email,
      l.phone, l.company, l.company_domain AS companyDomain, l.country_code AS countryCode, l.source, l.score,
      l.erased_at AS erasedAt,
      ${notificationEnded} AS notified,
      (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = d.lead_id) AS newestGeneration
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    CROSS JOIN leads l ON l.id = d.lead_id
    LEFT JOIN reps r ON r.id = d.owner_id`);
}
